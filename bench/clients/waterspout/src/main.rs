//! Our client: one loop, one client, as many tasks as requests are to be under way.

use std::rc::Rc;

use client_contract::{Budget, Measurement, Options};
use waterspout_http::client::{ClientConfig, FetchError, HttpClient};
use waterspout_net::IoLoop;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Rc::new(Options::from_args());
    IoLoop::new()?.run_sync(async {
        let config = ClientConfig::default().max_clients(options.concurrency);
        let client = HttpClient::with_config(config);
        run(&client, &options, options.warmup).await?;
        let measurement = Measurement::begin();
        run(&client, &options, options.requests).await?;
        measurement.report(options.requests);
        Ok(())
    })
}

async fn run(client: &HttpClient, options: &Rc<Options>, requests: u64) -> Result<(), FetchError> {
    let budget = Rc::new(Budget::new(requests));
    let worker = || {
        let (client, options, budget) = (client.clone(), Rc::clone(options), Rc::clone(&budget));
        tokio::task::spawn_local(async move {
            while budget.take() {
                let response = client.fetch(&options.url).await?;
                assert_eq!(response.body().len(), options.body);
            }
            Ok::<(), FetchError>(())
        })
    };
    let workers: Vec<_> = (0..options.concurrency).map(|_| worker()).collect();
    for worker in workers {
        worker.await.expect("no worker panics")?;
    }
    Ok(())
}
