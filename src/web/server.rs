//! Listens and serves connections until the process is told to stop. Owns sockets and what is reported of
//! them to [`Connections`]; refuses to let silent, slow or too many visitors keep others out.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::domain::{Error, Result};
use crate::edition::Editions;
use crate::web::connections::{Activity, ConnectionLimits, Connections};
use crate::web::desk::{self, Desk};
use crate::web::public::router;
use crate::web::shared::State;

/// How long running answers may go on once the server is told to stop; systems kill after 15 s.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// Connections that wait to be accepted; a visitor who is not even let wait tries again only after a
/// second.
const BACKLOG: u32 = 4096;
/// What the system buffers of an answer that its reader has not taken yet. It wants more only when a
/// third of that was taken, so this also says how slow a reader is still moving: some 3 KB a second.
const SEND_BUFFER: u32 = 128 * 1024;
/// What a request's head, and an answer on its way, take of memory at most.
const BUFFER: usize = 64 * 1024;
/// How long accepting pauses when the system refuses.
const REFUSED: Duration = Duration::from_millis(50);

/// Where the desk is served.
pub enum DeskPlace {
    /// Where the site is.
    Beside(Desk),
    /// At an address of its own, where the site is a preview: over this.
    At(SocketAddr, Desk, Box<State>),
}

/// Serves the site, and the desk where there is one, until the process is told to stop (SIGINT, SIGTERM).
/// `on_bound` is told where the site is, and the desk if it is elsewhere.
///
/// # Errors
/// `Failed` where an address cannot be listened on.
pub async fn serve(
    listen: SocketAddr,
    state: State,
    desk: Option<DeskPlace>,
    on_bound: impl FnOnce(SocketAddr, Option<SocketAddr>),
) -> Result<()> {
    let bound = |listen, setting| bind(listen).map_err(|e| cannot_bind(listen, setting, e));
    let listener = bound(listen, "--listen")?;
    let address = listener.local_addr().unwrap_or(listen);
    let editions = state.editions.clone();
    let site = router(state);
    let limits = ConnectionLimits::of_this_process();
    let (site, own) = match desk {
        None => (site, None),
        Some(DeskPlace::Beside(desk)) => (site.merge(desk::beside(desk)), None),
        Some(DeskPlace::At(listen, desk, preview)) => {
            let listener = bound(listen, "listen unter [desk]")?;
            let own = listener.local_addr().unwrap_or(listen);
            let desk = serve_on(
                listener,
                desk::alone(desk, router(*preview)),
                limits.of_few(),
                told_to_stop(),
            );
            (site, Some((own, desk)))
        }
    };
    tokio::task::spawn_blocking(move || read_ahead(&editions));
    on_bound(address, own.as_ref().map(|(address, _)| *address));
    let site = serve_on(listener, site, limits, told_to_stop());
    match own {
        None => site.await,
        Some((_, desk)) => drop(tokio::join!(site, desk)),
    }
    Ok(())
}

/// Reads what pages over all meetings need, so that no visitor waits for it.
fn read_ahead(editions: &Editions) {
    let began = Instant::now();
    match editions.directory() {
        Ok(directory) => tracing::info!(
            meetings = directory.listed.len(),
            persons = directory.persons.len(),
            papers = directory.papers.len(),
            duration_ms = began.elapsed().as_millis() as u64,
            "the directory is read"
        ),
        Err(error) => tracing::error!(%error, "the directory cannot be read; visitors try again"),
    }
}

fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = match listen {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    // Those that are accepted inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

async fn serve_on(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stopped: impl Future<Output = ()>,
) {
    let connections = Arc::new(Connections::new(limits));
    let (stop, is_stopped) = watch::channel(false);
    tokio::select! {
        () = accept(&listener, &router, &connections, &is_stopped) => {}
        () = connections.sweep() => {}
        () = stopped => {}
    }
    drop(listener);
    stop.send_replace(true);
    tokio::select! {
        () = connections.drain(SHUTDOWN_GRACE) => {}
        () = connections.sweep() => {}
    }
}

/// Takes in visitors for ever.
async fn accept(
    listener: &TcpListener,
    router: &Router,
    connections: &Arc<Connections>,
    is_stopped: &watch::Receiver<bool>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                connections.room().await;
                let (router, is_stopped) = (router.clone(), is_stopped.clone());
                connections.add(|activity| converse(stream, peer, activity, router, is_stopped));
            }
            Err(error) if is_of_the_visitor(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                connections.give_file_back();
                tokio::time::sleep(REFUSED).await;
            }
        }
    }
}

/// Whether only this one visitor has gone, rather than files or memory.
fn is_of_the_visitor(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// One visitor's requests, one after the other.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    activity: Arc<Activity>,
    router: Router,
    mut is_stopped: watch::Receiver<bool>,
) {
    // Small answers should not wait for the acknowledgement of what was sent before.
    let _ = stream.set_nodelay(true);
    let watched = WatchedStream { stream, activity: Arc::clone(&activity) };
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(request, router.clone(), Arc::clone(&activity))
    });
    let mut server = http1::Builder::new();
    // The deadlines are ours: hyper's for the head counts the time between two requests too.
    server.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(BUFFER);
    let mut connection = pin!(server.serve_connection(TokioIo::new(watched), answer));
    let stopped = async { drop(is_stopped.wait_for(|stopped| *stopped).await) };
    // How a connection ends is its visitor's affair: what fails on our side is an answer, and logged.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(
    request: Request<Incoming>,
    router: Router,
    activity: Arc<Activity>,
) -> Result<Response<AnswerBody>, Infallible> {
    let in_progress = InProgress::begin(activity);
    let response = router.oneshot(request).await?;
    Ok(response.map(|body| AnswerBody { body, _in_progress: in_progress }))
}

/// A request from its head to the end of its answer.
struct InProgress(Arc<Activity>);

impl InProgress {
    fn begin(activity: Arc<Activity>) -> Self {
        activity.request_began();
        Self(activity)
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.request_ended();
    }
}

/// The body of an answer; dropped by hyper when it has all of it, or when its reader is gone.
struct AnswerBody {
    body: Body,
    _in_progress: InProgress,
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that reports what happens on it.
struct WatchedStream {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl WatchedStream {
    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.activity.blocked(),
            Poll::Ready(_) => self.activity.sent(),
        }
        written
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.activity.received();
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn cannot_bind(listen: SocketAddr, setting: &str, e: io::Error) -> Error {
    let remedy = match e.kind() {
        io::ErrorKind::AddrInUse => format!(
            "Dort läuft schon etwas; beenden Sie es oder wählen Sie mit {setting} einen anderen Port"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "Ports unter 1024 brauchen besondere Rechte; wählen Sie mit {setting} einen höheren"
        ),
        _ => format!("Wählen Sie mit {setting} eine Adresse dieses Rechners"),
    };
    Error::failed(format!("An {listen} lässt sich nicht lauschen")).because(e).remedy(remedy)
}

async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

#[cfg(test)]
mod tests;
