//! The site as it is served: connections, the public pages, the clerk's desk, and what those two share.

mod connections;
mod desk;
mod public;
mod server;
mod shared;

#[cfg(test)]
mod testing;

pub use desk::{
    BASE as DESK, Desk, DeskSettings, RecognisedBy, RecordingIntake, TextFollower, job_event,
    job_kind,
};
pub use public::router;
pub use server::{DeskPlace, serve};
pub use shared::{Clips, Reporting, Site, State, Unindexed};

#[cfg(test)]
mod tests {
    use super::testing;
    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_named_with_a_remedy() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let archive = testing::Archive::new();
        let error = serve(address, archive.state(), None, |_, _| {}).await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("--listen"), "{error}");
    }
}
