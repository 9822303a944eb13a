//! Bodies of requests: that one which does not arrive ends its request.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use tower_http::timeout::TimeoutBody;

/// How long the next piece of a request's body may take.
const PIECE_LIMIT: Duration = Duration::from_secs(5);

/// Ends a request whose body does not arrive.
pub async fn in_time(request: Request) -> Request {
    request.map(|body| Body::new(TimeoutBody::new(PIECE_LIMIT, body)))
}
