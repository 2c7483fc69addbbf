use crate::echo::EchoLayer;
use crate::messages::*;
use crate::{file, Flags, Problem};
use std::pin::Pin;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::codec::CompressionEncoding::Gzip;
use tonic::metadata::MetadataMap;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Code, Request, Response, Status, Streaming};

mod stubs {
    include!(concat!(env!("OUT_DIR"), "/grpc.testing.TestService.rs"));
}
use stubs::test_service_server::{TestService, TestServiceServer};

const INITIAL: &str = "x-grpc-test-echo-initial";
type Responses = Pin<Box<dyn Stream<Item = Result<StreamingOutputCallResponse, Status>> + Send>>;

pub async fn serve(flags: &Flags) -> Result<(), Problem> {
    let port = flags.get("port").map_or("0", String::as_str);
    let incoming = TcpIncoming::bind(format!("127.0.0.1:{port}").parse()?)?.with_nodelay(Some(true));
    println!("listening {}", incoming.local_addr()?.port());
    let limit = flags.get("max_concurrent_streams_limit").map(|text| text.parse::<u32>()).transpose()?;
    let mut builder = Server::builder().max_concurrent_streams(limit).http2_max_header_list_size(Some(128 << 10));
    if let (Some(certificate), Some(key)) = (file(flags, "tls_cert_file")?, file(flags, "tls_key_file")?) {
        let mut tls = ServerTlsConfig::new().identity(Identity::from_pem(certificate, key));
        if let Some(authority) = file(flags, "client_ca_file")? {
            tls = tls.client_ca_root(Certificate::from_pem(authority));
        }
        builder = builder.tls_config(tls)?;
    }
    let service = TestServiceServer::new(Test)
        .send_compressed(Gzip)
        .accept_compressed(Gzip)
        .max_decoding_message_size(64 << 20);
    builder
        .layer(EchoLayer)
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, async {
            let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
        })
        .await?;
    Ok(())
}

struct Test;

#[tonic::async_trait]
impl TestService for Test {
    async fn empty_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        Ok(Response::new(Empty {}))
    }

    async fn unary_call(&self, request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        fail_as_asked(&request.response_status)?;
        let mut response = Response::new(SimpleResponse {
            payload: zeros(request.response_size),
            server_id: if request.fill_server_id { format!("tonic-{}", std::process::id()) } else { String::new() },
        });
        if !request.response_compressed.is_some_and(|flag| flag.value) {
            response.disable_compression();
        }
        echo_initial(&metadata, response.metadata_mut());
        Ok(response)
    }

    type StreamingOutputCallStream = Responses;

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<Responses>, Status> {
        let requests = tokio_stream::once(Ok(request.into_inner()));
        Ok(plain(respond(Box::pin(requests), String::new())))
    }

    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let mut requests = request.into_inner();
        let mut aggregated_payload_size = 0;
        while let Some(request) = requests.message().await? {
            aggregated_payload_size += request.payload.map_or(0, |payload| payload.body.len()) as i32;
        }
        Ok(Response::new(StreamingInputCallResponse { aggregated_payload_size }))
    }

    type FullDuplexCallStream = Responses;

    async fn full_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Responses>, Status> {
        let peer = request.remote_addr().map_or(String::new(), |address| address.to_string());
        let (metadata, _, requests) = request.into_parts();
        let mut response = plain(respond(Box::pin(requests), peer));
        echo_initial(&metadata, response.metadata_mut());
        Ok(response)
    }
}

fn plain(responses: Responses) -> Response<Responses> {
    let mut response = Response::new(responses);
    response.disable_compression();
    response
}

type Requests = Pin<Box<dyn Stream<Item = Result<StreamingOutputCallRequest, Status>> + Send>>;

fn respond(mut requests: Requests, peer: String) -> Responses {
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    tokio::spawn(async move {
        while let Some(Ok(request)) = requests.next().await {
            if let Err(status) = fail_as_asked(&request.response_status) {
                let _ = sender.send(Err(status)).await;
                return;
            }
            for parameters in request.response_parameters {
                if parameters.interval_us > 0 {
                    tokio::time::sleep(Duration::from_micros(parameters.interval_us as u64)).await;
                }
                let fills = parameters.fill_peer_socket_address.is_some_and(|flag| flag.value);
                let response = StreamingOutputCallResponse {
                    payload: zeros(parameters.size),
                    peer_socket_address: if fills { peer.clone() } else { String::new() },
                };
                if sender.send(Ok(response)).await.is_err() {
                    return;
                }
            }
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

fn fail_as_asked(status: &Option<EchoStatus>) -> Result<(), Status> {
    match status {
        Some(EchoStatus { code, message }) if *code != 0 => Err(Status::new(Code::from(*code), message)),
        _ => Ok(()),
    }
}

fn echo_initial(from: &MetadataMap, to: &mut MetadataMap) {
    if let Some(value) = from.get(INITIAL) {
        to.insert(INITIAL, value.clone());
    }
}
