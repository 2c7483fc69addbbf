use crate::messages::*;
use crate::{file, Flags, Problem};
use std::collections::HashSet;
use std::time::Duration;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{pending, StreamExt};
use tonic::codec::{CompressionEncoding::Gzip, Streaming};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{client::Grpc, Code, Request, Response, Status};
use tonic_prost::ProstCodec;

const INITIAL: &str = "x-grpc-test-echo-initial";
const TRAILING: &str = "x-grpc-test-echo-trailing-bin";
const REQUEST_SIZES: [i32; 4] = [27_182, 8, 1_828, 45_904];
const RESPONSE_SIZES: [usize; 4] = [31_415, 9, 2_653, 58_979];
const SPECIAL: &str = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

#[derive(Clone)]
struct Client {
    endpoint: Endpoint,
    channel: Channel,
    iterations: usize,
}

pub async fn run(flags: &Flags) -> Result<(), Problem> {
    let text = |name: &str| flags.get(name).cloned().unwrap_or_default();
    let authority = file(flags, "ca_file")?;
    let scheme = if authority.is_some() { "https" } else { "http" };
    let host = text("server_host");
    let host = if host.is_empty() { "127.0.0.1".into() } else { host };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{host}:{}", text("server_port")))?
        .http2_max_header_list_size(128 << 10);
    if let Some(authority) = authority {
        let name = text("server_host_override");
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority)).domain_name(&name);
        if let (Some(certificate), Some(key)) = (file(flags, "cert_file")?, file(flags, "key_file")?) {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        endpoint = endpoint.tls_config(tls)?.origin(format!("https://{name}").parse()?);
    }
    let channel = endpoint.connect().await?;
    let iterations = text("soak_iterations").parse().unwrap_or(10);
    let client = Client { endpoint, channel, iterations };
    for name in text("test_case").split(',') {
        println!("begin {name}");
        match client.case(name).await {
            Ok(()) => println!("ok {name}"),
            Err(problem) => println!("failed {name}: {}", problem.to_string().replace('\n', " ")),
        }
    }
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(what.into()) }
}

fn has(status: &Status, code: Code) -> Result<(), Problem> {
    check(status.code() == code, &format!("{status:?}, expected {code:?}"))
}

/// The status of a call that has to fail.
fn failed<T>(result: Result<T, Status>, code: Code) -> Result<Status, Problem> {
    let status = result.err().ok_or("the call succeeded")?;
    has(&status, code)?;
    Ok(status)
}

fn large() -> SimpleRequest {
    SimpleRequest { response_size: 314_159, payload: zeros(271_828), ..Default::default() }
}

fn sized(payload: &Option<Payload>, size: usize) -> Result<(), Problem> {
    let length = payload.as_ref().map_or(0, |payload| payload.body.len());
    check(length == size, &format!("a payload of {length} bytes, expected {size}"))
}

fn order(size: i32, body: i32) -> StreamingOutputCallRequest {
    let response_parameters = vec![ResponseParameters { size, ..Default::default() }];
    StreamingOutputCallRequest { response_parameters, payload: zeros(body), ..Default::default() }
}

impl Client {
    fn grpc(&self) -> Grpc<Channel> {
        Grpc::new(self.channel.clone()).max_decoding_message_size(64 << 20).accept_compressed(Gzip)
    }

    async fn unary<In, Out>(mut grpc: Grpc<Channel>, method: &'static str, request: Request<In>) -> Result<Response<Out>, Status>
    where
        In: prost::Message + 'static,
        Out: prost::Message + Default + 'static,
    {
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = http::uri::PathAndQuery::from_static(method);
        grpc.unary(request, path, ProstCodec::<In, Out>::default()).await
    }

    async fn simple(&self, request: SimpleRequest) -> Result<SimpleResponse, Status> {
        let response = Self::unary(self.grpc(), "/grpc.testing.TestService/UnaryCall", Request::new(request)).await?;
        Ok(response.into_inner())
    }

    async fn empty(&self, method: &'static str) -> Result<Empty, Status> {
        Ok(Self::unary(self.grpc(), method, Request::new(Empty {})).await?.into_inner())
    }

    async fn duplex<S>(&self, request: Request<S>) -> Result<Response<Streaming<StreamingOutputCallResponse>>, Status>
    where
        S: tokio_stream::Stream<Item = StreamingOutputCallRequest> + Send + 'static,
    {
        let mut grpc = self.grpc();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = http::uri::PathAndQuery::from_static("/grpc.testing.TestService/FullDuplexCall");
        grpc.streaming(request, path, ProstCodec::default()).await
    }

    async fn large_unary(&self) -> Result<(), Problem> {
        sized(&self.simple(large()).await?.payload, 314_159)
    }

    async fn case(&self, name: &str) -> Result<(), Problem> {
        match name {
            "empty_unary" => self.empty("/grpc.testing.TestService/EmptyCall").await.map(|_| ()).map_err(Into::into),
            "large_unary" => self.large_unary().await,
            "client_streaming" => self.client_streaming().await,
            "server_streaming" => self.server_streaming().await,
            "ping_pong" => self.ping_pong().await,
            "empty_stream" => {
                let mut responses = self.duplex(Request::new(tokio_stream::empty())).await?.into_inner();
                check(responses.message().await?.is_none(), "a response came")
            }
            "client_compressed_unary" => self.client_compressed_unary().await,
            "custom_metadata" => self.custom_metadata().await,
            "status_code_and_message" => self.statuses("test status message", true).await,
            "special_status_message" => self.statuses(SPECIAL, false).await,
            "unimplemented_method" => {
                let result = self.empty("/grpc.testing.TestService/UnimplementedCall").await;
                failed(result, Code::Unimplemented).map(|_| ())
            }
            "unimplemented_service" => {
                let result = self.empty("/grpc.testing.UnimplementedService/UnimplementedCall").await;
                failed(result, Code::Unimplemented).map(|_| ())
            }
            "timeout_on_sleeping_server" => self.time_out(1).await,
            "pick_first_unary" => self.pick_first_unary().await,
            "rpc_soak" => {
                for _ in 0..self.iterations {
                    self.large_unary().await?;
                }
                Ok(())
            }
            "channel_soak" => {
                for _ in 0..self.iterations {
                    let channel = self.endpoint.connect().await?;
                    Client { channel, ..self.clone() }.large_unary().await?;
                }
                Ok(())
            }
            "very_large_request" => {
                let request = SimpleRequest { response_size: 10, payload: zeros(10 << 20), ..Default::default() };
                sized(&self.simple(request).await?.payload, 10)
            }
            "concurrent_large_unary" => {
                let client = self.clone();
                at_once(1000, move || { let client = client.clone(); async move { client.large_unary().await } }).await
            }
            "simultaneous_timeouts" => {
                let client = self.clone();
                at_once(3000, move || { let client = client.clone(); async move { client.time_out(250).await } }).await?;
                self.large_unary().await
            }
            "large_header" => self.large_header().await,
            _ => Err("there is no such case".into()),
        }
    }

    async fn client_streaming(&self) -> Result<(), Problem> {
        let mut grpc = self.grpc();
        grpc.ready().await?;
        let requests = REQUEST_SIZES.map(|size| StreamingInputCallRequest { payload: zeros(size) });
        let path = http::uri::PathAndQuery::from_static("/grpc.testing.TestService/StreamingInputCall");
        let codec = ProstCodec::<_, StreamingInputCallResponse>::default();
        let response = grpc.client_streaming(Request::new(tokio_stream::iter(requests)), path, codec).await?;
        let size = response.into_inner().aggregated_payload_size;
        check(size == 74_922, &format!("an aggregated size of {size}"))
    }

    async fn server_streaming(&self) -> Result<(), Problem> {
        let mut grpc = self.grpc();
        grpc.ready().await?;
        let response_parameters =
            RESPONSE_SIZES.map(|size| ResponseParameters { size: size as i32, ..Default::default() }).to_vec();
        let request = StreamingOutputCallRequest { response_parameters, ..Default::default() };
        let path = http::uri::PathAndQuery::from_static("/grpc.testing.TestService/StreamingOutputCall");
        let codec = ProstCodec::<_, StreamingOutputCallResponse>::default();
        let mut responses = grpc.server_streaming(Request::new(request), path, codec).await?.into_inner();
        for size in RESPONSE_SIZES {
            sized(&responses.message().await?.ok_or("a response is missing")?.payload, size)?;
        }
        check(responses.message().await?.is_none(), "a fifth response")
    }

    async fn ping_pong(&self) -> Result<(), Problem> {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        sender.send(order(RESPONSE_SIZES[0] as i32, REQUEST_SIZES[0])).await?;
        let mut responses = self.duplex(Request::new(ReceiverStream::new(receiver))).await?.into_inner();
        for turn in 0..4 {
            let response = responses.message().await?.ok_or("a response is missing")?;
            sized(&response.payload, RESPONSE_SIZES[turn])?;
            if turn < 3 {
                sender.send(order(RESPONSE_SIZES[turn + 1] as i32, REQUEST_SIZES[turn + 1])).await?;
            }
        }
        drop(sender);
        check(responses.message().await?.is_none(), "a fifth response")
    }

    /// The probe and the last request by a client that does not compress.
    async fn client_compressed_unary(&self) -> Result<(), Problem> {
        let request = |value| SimpleRequest { expect_compressed: Some(Flag { value }), ..large() };
        failed(self.simple(request(true)).await, Code::InvalidArgument)?;
        let method = "/grpc.testing.TestService/UnaryCall";
        let compressing = self.grpc().send_compressed(Gzip);
        let response: Response<SimpleResponse> = Self::unary(compressing, method, Request::new(request(true))).await?;
        sized(&response.get_ref().payload, 314_159)?;
        sized(&self.simple(request(false)).await?.payload, 314_159)
    }

    async fn custom_metadata(&self) -> Result<(), Problem> {
        let echoed = |metadata: &MetadataMap| -> Result<(), Problem> {
            let value = metadata.get_bin(TRAILING).ok_or("no trailing metadata")?.to_bytes()?;
            check(value.as_ref() == b"\xab\xab\xab", "other trailing metadata")
        };
        let initial = |metadata: &MetadataMap| {
            check(metadata.get(INITIAL).is_some_and(|value| value == "test_initial_metadata_value"), "no initial metadata")
        };
        let mut request = Request::new(large());
        add(request.metadata_mut());
        let response: Response<SimpleResponse> =
            Self::unary(self.grpc(), "/grpc.testing.TestService/UnaryCall", request).await?;
        sized(&response.get_ref().payload, 314_159)?;
        initial(response.metadata())?;
        echoed(response.metadata())?;
        let mut request = Request::new(tokio_stream::once(order(314_159, 271_828)));
        add(request.metadata_mut());
        let response = self.duplex(request).await?;
        initial(response.metadata())?;
        let mut responses = response.into_inner();
        sized(&responses.message().await?.ok_or("no response")?.payload, 314_159)?;
        check(responses.message().await?.is_none(), "a second response")?;
        echoed(&responses.trailers().await?.ok_or("no trailers")?)
    }

    async fn statuses(&self, message: &str, streams: bool) -> Result<(), Problem> {
        let response_status = Some(EchoStatus { code: 2, message: message.into() });
        let request = SimpleRequest { response_status: response_status.clone(), ..Default::default() };
        let status = failed(self.simple(request).await, Code::Unknown)?;
        check(status.message() == message, &format!("the message {:?}", status.message()))?;
        if !streams {
            return Ok(());
        }
        let request = StreamingOutputCallRequest { response_status, ..Default::default() };
        let result = match self.duplex(Request::new(tokio_stream::once(request))).await {
            Ok(response) => response.into_inner().message().await.map(|_| ()),
            Err(status) => Err(status),
        };
        let status = failed(result, Code::Unknown)?;
        check(status.message() == message, &format!("the message {:?}", status.message()))
    }

    async fn time_out(&self, milliseconds: u64) -> Result<(), Problem> {
        let mut request = Request::new(tokio_stream::once(order(0, 27_182)).map(|_| StreamingOutputCallRequest::default()).chain(pending()));
        request.set_timeout(Duration::from_millis(milliseconds));
        let result = match self.duplex(request).await {
            Ok(response) => response.into_inner().message().await.map(|_| ()),
            Err(status) => Err(status),
        };
        failed(result, Code::DeadlineExceeded).map(|_| ())
    }

    async fn pick_first_unary(&self) -> Result<(), Problem> {
        let mut servers = HashSet::new();
        for _ in 0..100 {
            let request =
                SimpleRequest { response_size: 1, payload: zeros(1), fill_server_id: true, ..Default::default() };
            servers.insert(self.simple(request).await?.server_id);
        }
        check(servers.len() == 1 && !servers.contains(""), &format!("servers: {servers:?}"))
    }

    async fn large_header(&self) -> Result<(), Problem> {
        let value = "X".repeat(63 * 1024);
        let mut request = Request::new(SimpleRequest::default());
        request.metadata_mut().insert(INITIAL, value.parse()?);
        let response: Response<SimpleResponse> =
            Self::unary(self.grpc(), "/grpc.testing.TestService/UnaryCall", request).await?;
        check(response.metadata().get(INITIAL).is_some_and(|echoed| echoed == value.as_str()), "it came back otherwise")
    }
}

fn add(metadata: &mut MetadataMap) {
    metadata.insert(INITIAL, MetadataValue::from_static("test_initial_metadata_value"));
    metadata.insert_bin(TRAILING, MetadataValue::from_bytes(b"\xab\xab\xab"));
}

async fn at_once<F>(count: usize, call: impl Fn() -> F) -> Result<(), Problem>
where
    F: std::future::Future<Output = Result<(), Problem>> + Send + 'static,
{
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..count {
        calls.spawn(call());
    }
    while let Some(result) = calls.join_next().await {
        result??;
    }
    Ok(())
}
