//! Where a request comes from. The one place that says so: what a client claims of itself does not count.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The network address of whoever sent a request; none where the connection does not tell. It is used while the request
/// is answered, and not kept beside anything that is about a person (P02).
pub fn visitor_address(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip())
}
