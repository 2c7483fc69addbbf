//! Stubs without protoc: messages are written by hand in src/messages.rs.
use tonic_build::manual::{Builder, Method, Service};

fn method(name: &str, route: &str, input: &str, output: &str) -> tonic_build::manual::MethodBuilder {
    Method::builder()
        .name(name)
        .route_name(route)
        .input_type(format!("crate::messages::{input}"))
        .output_type(format!("crate::messages::{output}"))
        .codec_path("tonic_prost::ProstCodec")
}

fn main() {
    let streaming = ("StreamingOutputCallRequest", "StreamingOutputCallResponse");
    let service = Service::builder()
        .name("TestService")
        .package("grpc.testing")
        .method(method("empty_call", "EmptyCall", "Empty", "Empty").build())
        .method(method("unary_call", "UnaryCall", "SimpleRequest", "SimpleResponse").build())
        .method(
            method("streaming_output_call", "StreamingOutputCall", streaming.0, streaming.1)
                .server_streaming()
                .build(),
        )
        .method(
            method(
                "streaming_input_call",
                "StreamingInputCall",
                "StreamingInputCallRequest",
                "StreamingInputCallResponse",
            )
            .client_streaming()
            .build(),
        )
        .method(
            method("full_duplex_call", "FullDuplexCall", streaming.0, streaming.1)
                .client_streaming()
                .server_streaming()
                .build(),
        )
        .build();
    Builder::new().compile(&[service]);
}
