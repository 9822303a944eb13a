//! `mitschnitt user`: accounts of the clerk's desk, for whoever can write the archive anyway. Owns how a
//! password is asked for; refuses to take one from the command line, where everybody reads it.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Context;
use super::restrictions::signature;
use crate::credentials::{Password, PasswordHash, QrSymbol, TotpSecret};
use crate::domain::{AccountName, DeskRole, Error, Result};
use crate::store::Store;

/// Arguments of `user`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UserCommand {
    /// Legt ein Konto an und zeigt seinen zweiten Faktor
    Add {
        #[arg(value_name = "NAME")]
        name: AccountName,
        /// Was es darf: clerk (bearbeiten), reviewer (auch freigeben), admin (auch Konten), auditor (nur das Protokoll lesen)
        #[arg(long, value_name = "ROLLE")]
        role: DeskRole,
        /// Ohne zweiten Faktor
        #[arg(long)]
        no_totp: bool,
    },
    /// Listet die Konten
    List,
    /// Schließt ein Konto und beendet seine Anmeldungen
    Disable {
        #[arg(value_name = "NAME")]
        name: AccountName,
    },
    /// Öffnet ein geschlossenes Konto wieder
    Enable {
        #[arg(value_name = "NAME")]
        name: AccountName,
    },
    /// Setzt das Passwort und beendet alle Anmeldungen
    Password {
        #[arg(value_name = "NAME")]
        name: AccountName,
    },
    /// Gibt einem Konto eine andere Rolle
    Role {
        #[arg(value_name = "NAME")]
        name: AccountName,
        /// clerk, reviewer, admin oder auditor
        #[arg(value_name = "ROLLE")]
        role: DeskRole,
    },
    /// Erneuert den zweiten Faktor und zeigt ihn
    Totp {
        #[arg(value_name = "NAME")]
        name: AccountName,
        /// Schaltet ihn ab
        #[arg(long)]
        off: bool,
    },
}

/// Does what is asked with the accounts.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    if let UserCommand::List = args.command {
        return list(&Store::open_to_read(context.location())?);
    }
    let (store, made) = (Store::open(context.location())?, signature(None));
    match &args.command {
        UserCommand::List => Ok(()),
        UserCommand::Add { name, role, no_totp } => {
            if store.account(name)?.is_some() {
                return Err(Error::bad_input(format!("Es gibt schon ein Konto „{name}“")));
            }
            let hash = new_password(name)?;
            let totp = (!no_totp).then(TotpSecret::made_up);
            store.add_account(name, *role, &hash, totp.as_ref(), &made)?;
            say!("{name}: Konto angelegt, Rolle {}", role.code());
            if let Some(totp) = totp {
                show(&totp, name, context);
            }
            Ok(())
        }
        UserCommand::Disable { name } => {
            store.close_account(name, &made)?;
            say!("{name}: geschlossen, alle Anmeldungen sind beendet");
            Ok(())
        }
        UserCommand::Enable { name } => {
            store.open_account(name, &made)?;
            say!("{name}: wieder offen");
            Ok(())
        }
        UserCommand::Password { name } => {
            // Nobody should type a password to learn that there is no such account.
            let missing = || Error::not_found(format!("Es gibt kein Konto „{name}“"));
            store.account(name)?.ok_or_else(missing)?;
            store.set_password(name, &new_password(name)?, None, &made)?;
            say!("{name}: Passwort gesetzt, alle Anmeldungen sind beendet");
            Ok(())
        }
        UserCommand::Role { name, role } => {
            store.set_role(name, *role, &made)?;
            say!("{name}: Rolle {}", role.code());
            Ok(())
        }
        UserCommand::Totp { name, off: true } => {
            store.set_totp(name, None, &made)?;
            say!("{name}: zweiter Faktor abgeschaltet");
            Ok(())
        }
        UserCommand::Totp { name, off: false } => {
            let totp = TotpSecret::made_up();
            store.set_totp(name, Some(&totp), &made)?;
            say!("{name}: zweiter Faktor erneuert");
            show(&totp, name, context);
            Ok(())
        }
    }
}

fn list(store: &Store) -> Result<()> {
    for account in store.accounts()? {
        let factor = if account.second_factor { "zweiter Faktor" } else { "nur Passwort" };
        let closed = if account.disabled { ", geschlossen" } else { "" };
        say!(
            "{}  {}  {factor}{closed}  seit {}",
            account.name,
            account.role.code(),
            account.created
        );
    }
    Ok(())
}

/// Shows a second factor, this once.
fn show(totp: &TotpSecret, name: &AccountName, context: &Context) {
    let title = context.config.site.title.as_deref().unwrap_or("Mitschnitt");
    let uri = totp.uri(title, name.as_str());
    say!("Zweiter Faktor, nur jetzt gezeigt: {}", totp.reveal());
    say!("{uri}");
    if std::io::stdout().is_terminal()
        && let Some(symbol) = QrSymbol::of(&uri)
    {
        say!("{}", symbol.for_terminal());
    }
}

/// Asks for a new password: twice without echo at a terminal, else as one line of standard input.
fn new_password(name: &AccountName) -> Result<PasswordHash> {
    let stdin = std::io::stdin();
    let typed = if stdin.is_terminal() {
        let _silence = Silence::begin();
        let typed = ask("Neues Passwort: ")?;
        if typed != ask("Noch einmal: ")? {
            return Err(Error::bad_input("Die beiden Passwörter sind nicht gleich"));
        }
        typed
    } else {
        read_line()?
    };
    let password = Password::typed(&typed);
    let unusable = |e| Error::bad_input("Dieses Passwort geht nicht").because(e);
    password.check(name.as_str()).map_err(unusable)?;
    Ok(PasswordHash::of(&password))
}

fn ask(question: &str) -> Result<String> {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{question}").and_then(|()| out.flush());
    let line = read_line();
    // The line's end was not shown either.
    let _ = writeln!(out);
    line
}

fn read_line() -> Result<String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match read {
        Ok(0) => Err(Error::bad_input("Es kam kein Passwort").remedy(
            "Geben Sie es ein, oder schreiben Sie es als eine Zeile auf die Standardeingabe",
        )),
        Ok(_) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        Err(e) => Err(Error::bad_input("Das Passwort ist nicht lesbar").because(e)),
    }
}

/// While it lives, the terminal does not show what is typed.
struct Silence(Option<Termios>);

impl Silence {
    fn begin() -> Self {
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).ok();
        if let Some(mut silent) = before.clone() {
            silent.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(&stdin, OptionalActions::Flush, &silent);
        }
        Self(before)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}
