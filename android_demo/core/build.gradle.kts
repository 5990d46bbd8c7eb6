import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.kotlin.jvm)
}

java {
    sourceCompatibility = JavaVersion.VERSION_11
    targetCompatibility = JavaVersion.VERSION_11
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_11
        allWarningsAsErrors = true
    }
}

dependencies {
    // Android has these classes built in; elsewhere they come from the tests' side.
    compileOnly(libs.json)
    testImplementation(libs.json)
    testImplementation(libs.junit)
    testImplementation(libs.jna)
}

// The tests hold against what Python answers, so they need its files: `make test-android` at the project's root makes them
// and runs the tests; here both are named, as -Plapx.golden= and -Plapx.litert= (see README.md).
tasks.test {
    for (name in listOf("lapx.golden", "lapx.litert")) {
        providers.gradleProperty(name).orNull?.let { systemProperty(name, it) }
    }
}
