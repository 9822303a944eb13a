//! The program: hands over to [`mitschnitt::cli`] and gives its exit code.

fn main() -> std::process::ExitCode {
    mitschnitt::cli::main().into()
}
