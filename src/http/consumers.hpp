#pragma once
#include <memory>

/// What the addresses under /v1/consumers do.
namespace http {

struct Shared;
struct Exchange;

void list_consumers(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void get_consumer(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void put_consumer(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void delete_consumer(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void fetch_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void ack_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void nack_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void list_parked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void retry_parked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void skip_parked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);

}  // namespace http
