package dev.lapx.demo

import android.view.View
import android.widget.AdapterView
import android.widget.ArrayAdapter
import android.widget.Spinner

/** Fills a spinner; [onChoice] is called with the first choice at once and with each later one. */
fun <T : Any> Spinner.offer(choices: List<T>, onChoice: () -> Unit) {
    adapter = ArrayAdapter(context, android.R.layout.simple_spinner_dropdown_item, choices)
    onItemSelectedListener =
        object : AdapterView.OnItemSelectedListener {
            override fun onItemSelected(
                parent: AdapterView<*>,
                view: View?,
                position: Int,
                id: Long,
            ) = onChoice()

            override fun onNothingSelected(parent: AdapterView<*>) = Unit
        }
}
