// Bodies of rows that come in pieces: a batch as soon as it is there, each a command of its own.
// Where a batch ends follows from the body alone, so who repeats it under its key finds every batch
// that landed, and the rest lands now.
#include "domain/metric_batch.hpp"
#include "events/writer.hpp"
#include "src/http/api_parts.hpp"
#include "src/http/body_stream.hpp"
#include "src/http/problem.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace http {
namespace {

constexpr std::size_t batch_lines_max = 10'000;
constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;

constexpr Fault broken{400, "body-truncated", "The body ended too early."};
constexpr Fault line_too_long{413, "payload-too-large", "A line is longer than 4 MiB."};

/// Lines that have come, and where the next batch ends.
class Lines {
public:
    std::string text;

    bool is_batch() const { return lines_ == batch_lines_max || full_; }
    bool is_blank() const { return first_word() == std::string::npos; }
    bool is_blank_batch() const { return first_word() >= end_; }
    /// Whether there is something behind the batch, or very much of nothing.
    bool go_on() const {
        constexpr std::size_t blank_bytes_max = 64 * 1024;
        return text.size() - end_ > blank_bytes_max ||
               text.find_first_not_of(" \t\r\n", end_) != std::string::npos;
    }
    /// Counts what is new; false: a line is too long.
    bool count(bool ended) {
        while (!is_batch() && scanned_ < text.size()) {
            const auto end = text.find('\n', scanned_);
            const auto next = end == std::string::npos ? text.size() : end + 1;
            if (next > batch_bytes_max) {
                full_ = end_ > 0;
                return full_;
            }
            if (end == std::string::npos && !ended) return true;
            scanned_ = end_ = next;
            ++lines_;
        }
        return true;
    }
    struct Batch {
        std::string text;
        int lines{};
    };
    /// The lines counted so far.
    Batch cut() {
        Batch batch{text.substr(0, end_), static_cast<int>(lines_)};
        text.erase(0, end_);
        scanned_ = end_ = lines_ = 0;
        full_ = false;
        return batch;
    }

private:
    std::size_t first_word() const { return text.find_first_not_of(" \t\r\n"); }

    std::size_t scanned_ = 0;  ///< looked at for ends of lines
    std::size_t end_ = 0;      ///< of the last whole line
    std::size_t lines_ = 0;
    bool full_ = false;
};

/// One body on its way into batches, one batch at a time.
class PouredRows : public std::enable_shared_from_this<PouredRows> {
public:
    PouredRows(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
               const Command& command, Coding coding)
        : shared_{std::move(shared)},
          exchange_{std::move(exchange)},
          command_{command},
          body_{exchange_->request.rest},
          unpacker_{coding,
                    {.bytes_max = std::numeric_limits<std::size_t>::max(),
                     .free_bytes = batch_bytes_max}} {}

    /// Waits for the next piece.
    void go_on() {
        body_->take([self = shared_from_this()](BodyStream::Piece piece) mutable {
            auto& workers = self->shared_->parts.workers;
            const bool posted =
                workers.post([self, piece = std::move(piece)](postgres::Reader& reader) mutable {
                    self->hear(std::move(piece), reader);
                });
            if (!posted) self->refuse({events::queue_full});
        });
    }

private:
    void hear(BodyStream::Piece piece, postgres::Reader& reader) {
        packed_ += piece.bytes;
        ended_ = piece.ended && !piece.broken;
        broken_ = piece.broken;
        work(reader);
    }

    /// Unpacks until a batch is there, and decides it; or waits for more.
    void work(postgres::Reader& reader) {
        while (true) {
            const bool all = packed_.empty() && !unpacker_.has_more();
            if (!lines_.count(ended_ && all)) return fail(line_too_long);
            if (lines_.is_batch() && pass_over_blank()) continue;
            // Whether it is the only one must not depend on what has come so far.
            if (lines_.is_batch() && (lines_.go_on() || (all && (ended_ || broken_))))
                return decide(reader);
            if (all) break;
            const auto left = unpacker_.some(packed_, lines_.text);
            if (!left) return fail(left.error());
            packed_.erase(0, packed_.size() - left->size());
        }
        if (broken_) return fail(broken);
        if (!ended_) return go_on();
        if (const auto whole = unpacker_.finish(); !whole) return fail(whole.error());
        if (!landed_.empty() && lines_.is_blank()) return answer();
        decide(reader);
    }

    /// Lines without anything are no batch.
    bool pass_over_blank() {
        if (!lines_.is_blank_batch()) return false;
        lines_before_ += lines_.cut().lines;
        return true;
    }

    void decide(postgres::Reader& reader) {
        auto batch = lines_.cut();
        const bool is_last = ended_ && packed_.empty() && !unpacker_.has_more() &&
                             unpacker_.finish() && lines_.is_blank();
        // One batch alone is a command like any other.
        const bool is_alone = is_last && landed_.empty();
        RowsPart part{landed_.size(), !is_alone, lines_before_, std::move(batch.text)};
        lines_before_ += batch.lines;
        if (is_alone) return run_rows(shared_, exchange_, command_, std::move(part), reader, {});
        run_rows(shared_, exchange_, command_, std::move(part), reader,
                 [self = shared_from_this(), is_last](domain::Result<PartOutcome> part) {
                     self->decided(std::move(part), is_last);
                 });
    }

    void decided(domain::Result<PartOutcome> part, bool is_last) {
        if (!part) return refuse(std::move(part.error()));
        has_points_ |= std::ranges::contains(part->types, "metric-batch.ingested");
        landed_.push_back(std::move(part->outcome));
        if (is_last) return answer();
        const bool posted = shared_->parts.workers.post(
            [self = shared_from_this()](postgres::Reader& reader) { self->work(reader); });
        if (!posted) refuse({events::queue_full});
    }

    /// What has landed stays, so it is said.
    void refuse(domain::Refusal refusal) {
        if (!landed_.empty()) refusal.detail += (refusal.detail.empty() ? "" : "; ") + kept();
        exchange_->refuse(*shared_, refusal);
    }
    void fail(const Fault& fault) {
        auto detail = std::string{fault.detail};
        if (!landed_.empty()) detail += " " + kept();
        exchange_->answer(*shared_,
                          problem_titled(fault.status, fault.code, detail, exchange_->request.id));
    }
    std::string kept() const {
        return "The first " + std::to_string(landed_.size()) + " batches of " +
               std::to_string(batch_lines_max) +
               " lines have landed. Send the whole body again under the same Idempotency-Key: they "
               "are "
               "not taken twice.";
    }

    std::string batches() const {
        events::Writer out;
        out.open_list();
        for (const auto& one : landed_) {
            out.open().key("id").text(domain::to_text(one.stream.id));
            out.key("position").text(std::to_string(one.last_position()));
            out.key("replayed").boolean(one.replayed).close();
        }
        return out.close_list().take();
    }

    /// Every batch is kept for its rejects, which are too many to be said here.
    void refuse_all_bad() {
        exchange_->refuse(*shared_, {domain::metric_batch::nothing_good,
                                     "Every line is listed, with its reason, among the rejects of "
                                     "the batches that this names.",
                                     {},
                                     {{"batches", batches()}}});
    }

    void answer() {
        if (!has_points_) return refuse_all_bad();
        const auto& last = landed_.back();
        events::Writer out;
        out.open().key("lines").integer(lines_before_);
        out.key("position").text(std::to_string(last.last_position()));
        out.key("batches").raw(batches()).close();
        Reply reply{201, "application/json", {}, out.take()};
        reply.headers.emplace_back("Consistency-Token",
                                   "\"" +
                                       shared_->opaque.consistency_token(
                                           exchange_->who.tenant, last.lane, last.last_position()) +
                                       "\"");
        exchange_->answer(*shared_, std::move(reply));
    }

    std::shared_ptr<Shared> shared_;
    std::shared_ptr<Exchange> exchange_;
    const Command& command_;
    std::shared_ptr<BodyStream> body_;
    Unpacker unpacker_;
    std::string packed_;  ///< not unpacked yet
    Lines lines_;
    int lines_before_ = 0;
    bool ended_ = false, broken_ = false;
    bool has_points_ = false;  ///< any batch so far, and not only rejects
    std::vector<events::Outcome> landed_;
};

/// For the batch that is decided, the one that gathers, and what waits between; less for bodies
/// that are known to be short.
std::size_t room_for(const Request& request, Coding coding) {
    constexpr std::size_t all = 3 * batch_bytes_max;
    const auto* header = request.header("content-length");
    if (header == nullptr || coding != Coding::identity) return all;
    std::size_t length = all;
    std::from_chars(header->data(), header->data() + header->size(), length);
    return std::min(all, 3 * std::min(length, batch_bytes_max));
}

}  // namespace

void pour_rows(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
               const Command& command) {
    const auto coding = content_coding(exchange->request);
    if (!coding) return exchange->answer(*shared, wrong_coding(exchange->request.id));
    exchange->unpacked = shared->unpacked_bodies.take(room_for(exchange->request, *coding));
    if (!exchange->unpacked)
        return exchange->refuse(*shared, {events::queue_full, "too many long bodies at once"});
    std::make_shared<PouredRows>(std::move(shared), std::move(exchange), command, *coding)->go_on();
}

}  // namespace http
