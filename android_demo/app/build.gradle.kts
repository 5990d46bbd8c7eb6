import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

fun Provider<String>.int(): Int = get().toInt()

val models = rootProject.layout.projectDirectory.dir("models")
val copiedModels = layout.buildDirectory.dir("models")

// What `python -m convert MODEL.keras --to tflite --out android_demo/models` wrote, or -Pmodels= another folder.
val copyModels by tasks.registering(Sync::class) {
    from(providers.gradleProperty("models").map(::file).orElse(models.asFile))
    include("*.tflite", "*.tflite.json")
    into(copiedModels)
    doLast {
        val found = destinationDir.listFiles { file -> file.name.endsWith(".tflite") }.orEmpty()
        if (found.isEmpty()) logger.warn("no model in $source: the app will say so; see android_demo/README.md")
        for (model in found) {
            require(File("${model.path}.json").isFile) { "${model.name} has no ${model.name}.json beside it" }
        }
    }
}

android {
    namespace = "dev.lapx.demo"
    compileSdk = libs.versions.compileSdk.int()

    defaultConfig {
        applicationId = "dev.lapx.demo"
        minSdk = libs.versions.minSdk.int()
        targetSdk = libs.versions.targetSdk.int()
        versionCode = 1
        versionName = "0.1.0"
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }

    // LiteRT maps a model's file straight from the app's archive, where it must not be compressed.
    androidResources {
        noCompress += "tflite"
    }

    sourceSets["main"].assets.srcDir(copiedModels)
}

tasks.named("preBuild") {
    dependsOn(copyModels)
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_11
    }
}

dependencies {
    implementation(project(":core"))
    implementation(libs.androidx.activity)
    implementation(libs.androidx.core)
    implementation(libs.camera.core)
    implementation(libs.camera.camera2)
    implementation(libs.camera.lifecycle)
    implementation(libs.camera.view)
    implementation(libs.litert)
}
