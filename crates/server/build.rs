//! Has the binary built anew when the page that it carries was.

fn main() {
    let dist = "../../web/call/dist";
    // A path that is not there would make every build a new one.
    let watched = if std::path::Path::new(dist).exists() {
        dist
    } else {
        "build.rs"
    };
    println!("cargo::rerun-if-changed={watched}");
}
