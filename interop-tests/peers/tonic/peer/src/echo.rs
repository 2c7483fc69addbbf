//! The trailers of a call that ends well, which tonic's handlers cannot set: a layer around its server echoes one field.
use http_body::{Body, Frame};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::{Layer, Service};

const TRAILING: &str = "x-grpc-test-echo-trailing-bin";

#[derive(Clone)]
pub struct EchoLayer;

#[derive(Clone)]
pub struct Echo<S>(S);

impl<S> Layer<S> for EchoLayer {
    type Service = Echo<S>;

    fn layer(&self, inner: S) -> Echo<S> {
        Echo(inner)
    }
}

impl<S, In, Out> Service<http::Request<In>> for Echo<S>
where
    S: Service<http::Request<In>, Response = http::Response<Out>>,
    S::Future: Send + 'static,
{
    type Response = http::Response<EchoBody<Out>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<In>) -> Self::Future {
        let value = request.headers().get(TRAILING).cloned();
        let response = self.0.call(request);
        Box::pin(async move { Ok(response.await?.map(|body| EchoBody { body, value })) })
    }
}

pub struct EchoBody<B> {
    body: B,
    value: Option<http::HeaderValue>,
}

/// Whether it is at its end is asked before it is read: a status without a body goes as Trailers-Only then.
impl<B: Body + Unpin> Body for EchoBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &mut frame {
            if let Some(trailers) = frame.trailers_mut() {
                if let Some(value) = self.value.take() {
                    trailers.insert(TRAILING, value);
                }
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
