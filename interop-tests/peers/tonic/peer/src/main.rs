//! TestService by tonic, client and server.
//!
//!     peer server --port=0 [--tls_cert_file=… --tls_key_file=… [--client_ca_file=…]]   prints "listening PORT"
//!     peer client --server_port=N --test_case=a,b [--ca_file=…]                       prints "begin a", "ok a"
mod client;
mod echo;
mod messages;
mod server;

use std::collections::HashMap;

pub type Flags = HashMap<String, String>;
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let mut args = std::env::args().skip(1);
    let side = args.next().unwrap_or_default();
    let flags: Flags = args
        .filter_map(|arg| {
            let (name, value) = arg.trim_start_matches("--").split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect();
    match side.as_str() {
        "server" => server::serve(&flags).await,
        "client" => client::run(&flags).await,
        _ => Err("expected: server or client".into()),
    }
}

/// The file that a flag names.
pub fn file(flags: &Flags, name: &str) -> Result<Option<Vec<u8>>, Problem> {
    match flags.get(name) {
        Some(path) if !path.is_empty() => Ok(Some(std::fs::read(path)?)),
        _ => Ok(None),
    }
}
