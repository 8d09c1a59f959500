// A witness: it keeps, elsewhere and with a key of its own, what it has seen of a log, and cosigns
// only what grew from that.
#include "events/document.hpp"
#include "events/writer.hpp"
#include "projections/audit_query.hpp"
#include "projections/lane_tree.hpp"
#include "src/cli/audit.hpp"
#include "src/cli/handlers.hpp"
#include "src/postgres/audit.hpp"
#include "src/runtime/clock.hpp"
#include "src/security/secrets.hpp"

#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <pqxx/pqxx>
#include <sstream>
#include <sys/file.h>
#include <tuple>
#include <unistd.h>

namespace cli {
namespace audit {
namespace {

inline constexpr domain::Reason witness_broken{domain::Reason::Kind::defect, "witness-broken",
                                               "The witness's own files are not as it left them"};

/// One add-checkpoint request, and the chain of keys where it is known.
struct Asked {
    std::int64_t old_size{};
    events::merkle::Proof proof;
    std::string note;
    std::vector<std::string> key_notes{};
};

std::optional<Asked> asked_from(const std::string& text) {
    std::istringstream in{text};
    std::string line;
    Asked asked;
    if (!std::getline(in, line) || !line.starts_with("old ")) return std::nullopt;
    const auto old_size = events::count_from(std::string_view{line}.substr(4));
    if (!old_size) return std::nullopt;
    asked.old_size = *old_size;
    while (std::getline(in, line) && !line.empty()) {
        const auto hash = events::hash_from_base64(line);
        if (!hash || asked.proof.size() == 63) return std::nullopt;
        asked.proof.push_back(*hash);
    }
    asked.note.assign(std::istreambuf_iterator{in}, {});
    return asked;
}

/// The lines of a file of ours, each an object with a note that `key` has cosigned. A last line
/// without an end is of a write that was cut off: nobody was given what it says.
Checked<std::vector<events::Checkpoint>> read_kept(const std::filesystem::path& file,
                                                   const events::NoteKey& key) {
    std::vector<events::Checkpoint> kept;
    std::ifstream in{file};
    for (std::string line; std::getline(in, line) && !in.eof();) {
        const auto document = events::Document::parse(line);
        const auto member = document ? document->root().find("note") : std::nullopt;
        const auto note = member ? events::note_from(member->text().value_or("")) : std::nullopt;
        const auto head = note ? events::checkpoint_from(note->text) : std::nullopt;
        if (!head || !cosigned_at(*note, key))
            return std::unexpected(Failure{witness_broken, file.string(), ""});
        kept.push_back(*head);
    }
    return kept;
}

Checked<events::NoteKey> public_part(const std::filesystem::path& directory) {
    std::ifstream in{directory / "witness.verifier"};
    std::string line;
    std::getline(in, line);
    const auto key = events::note_key_from(line);
    if (!key)
        return std::unexpected(Failure{not_there, "no witness in " + directory.string(),
                                       "cairn audit witness --state DIR makes one"});
    return *key;
}

/// The whole line or nothing of it, unless the process ends in the middle.
bool append_line(const std::filesystem::path& file, const std::string& line) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    const auto text = line + "\n";
    const auto before = ::lseek(fd, 0, SEEK_END);
    const bool written =
        before >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(fd) == 0;
    // What could not be taken back is cut off when the file is opened next.
    if (!written && before >= 0) std::ignore = ::ftruncate(fd, before);
    ::close(fd);
    return written;
}

/// Cuts off what a process that ended in the middle has written of a last line.
bool cut_unfinished(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator{in}, {}};
    const auto whole = text.rfind('\n') + 1;
    return whole == text.size() || ::truncate(file.c_str(), static_cast<off_t>(whole)) == 0;
}

/// Reads the state, making it at the first start. One witness at a time works on it.
class Witness {
public:
    static Checked<Witness> open(const Context& context) {
        Witness witness;
        auto& state = witness.state_;
        state.directory = context.text("state");
        std::error_code error;
        std::filesystem::create_directories(state.directory, error);
        witness.lock_ =
            ::open((state.directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (witness.lock_ < 0 || ::flock(witness.lock_, LOCK_EX | LOCK_NB) != 0)
            return std::unexpected(
                Failure{not_there, state.directory.string(), "it is in use or not writable"});
        const auto keys = security::load_keys(state.directory / "witness.key");
        if (!keys) return std::unexpected(Failure{keys.error()});
        state.seed = keys->keys.rbegin()->second;
        state.key = {context.text("name", "cairn-witness"), events::public_key_of(state.seed)};
        for (const auto* file : {"witness.verifier", "checkpoints.jsonl", "log.verifiers"}) {
            if (!cut_unfinished(state.directory / file))
                return std::unexpected(Failure{witness_broken, file, ""});
        }
        const auto own_size =
            std::filesystem::file_size(state.directory / "witness.verifier", error);
        if (error || own_size == 0)
            append_line(state.directory / "witness.verifier",
                        verifier_text(state.key, events::NoteAlgorithm::cosigned));
        const auto known = public_part(state.directory);
        if (!known || known->key != state.key.key)
            return std::unexpected(Failure{witness_broken, "witness.verifier", ""});
        state.key = *known;
        auto kept = read_kept(state.directory / "checkpoints.jsonl", state.key);
        if (!kept) return std::unexpected(kept.error());
        for (auto& head : *kept) state.last[head.origin] = std::move(head);
        std::ifstream pinned{state.directory / "log.verifiers"};
        for (std::string line; std::getline(pinned, line);) {
            if (const auto key = events::note_key_from(line)) state.pinned.push_back(*key);
        }
        return witness;
    }
    Witness(Witness&& other) noexcept
        : state_{std::move(other.state_)}, lock_{std::exchange(other.lock_, -1)} {}
    Witness& operator=(Witness&&) = delete;
    ~Witness() {
        if (lock_ >= 0) ::close(lock_);
    }

    std::int64_t last_size(const std::string& origin) const {
        const auto found = state_.last.find(origin);
        return found == state_.last.end() ? 0 : found->second.size;
    }

    /// The cosigned note, or the rule that stands against it.
    std::expected<std::string, events::Finding> cosign(const Asked& asked, bool pin) {
        auto note = events::note_from(asked.note);
        const auto head = note ? events::checkpoint_from(note->text) : std::nullopt;
        if (!head) return refused({}, "checkpoint-form");
        if (!is_signed(*note, *head, asked.key_notes, pin))
            return refused(*head, "checkpoint-signature");
        const auto found = state_.last.find(head->origin);
        const auto old = found == state_.last.end()
                             ? events::Checkpoint{head->origin, 0, events::merkle::empty_root()}
                             : found->second;
        if (head->size < old.size)
            return refused({head->origin, head->size + 1, {}}, "witness-ahead");
        if (asked.old_size != old.size ||
            !events::merkle::extends(old.size, old.root, head->size, head->root, asked.proof))
            return refused(*head, "witness-root");
        const auto seconds = runtime::now().micros / domain::second_micros;
        note->lines.push_back(events::cosign(*note, state_.key.name, state_.seed, seconds));
        events::Writer out;
        const auto text = to_text(*note);
        out.open().key("note").text(text).close();
        // Kept before it is given away.
        if (!append_line(state_.directory / "checkpoints.jsonl", out.view()))
            return refused(*head, "witness-disk");
        state_.last[head->origin] = *head;
        return text;
    }

private:
    Witness() = default;

    static std::unexpected<events::Finding> refused(const events::Checkpoint& head,
                                                    std::string_view rule) {
        const auto lane = events::count_from(head.origin.substr(head.origin.rfind('/') + 1));
        return std::unexpected(events::Finding{static_cast<int>(lane.value_or(0)),
                                               rule == "witness-ahead" ? head.size : 1, head.size,
                                               std::string{rule}, head.origin});
    }

    /// Signed by a key that was pinned, or by one that a pinned key vouches for. The first keys
    /// that are seen of a log are pinned.
    bool is_signed(const events::Note& note, const events::Checkpoint& head,
                   const std::vector<std::string>& key_notes, bool pin) {
        const auto chain = events::keys_from(head.origin, key_notes);
        bool known = false;
        for (const auto& key : state_.pinned) {
            if (key.name != head.origin) continue;
            known = true;
            if (is_signed_by(note, key)) return true;
            if (chain && std::ranges::contains(*chain, key.key))
                return is_signed_by(note, {head.origin, chain->back()});
        }
        if (known || !pin || !chain || !is_signed_by(note, {head.origin, chain->back()}))
            return false;
        const events::NoteKey key{head.origin, chain->back()};
        state_.pinned.push_back(key);
        return append_line(state_.directory / "log.verifiers",
                           verifier_text(key, events::NoteAlgorithm::plain));
    }

    WitnessState state_;
    int lock_ = -1;
};

/// All are gone through: what stands against one lane is no reason to forget another.
Outcome answered(Witness& witness, const std::vector<Asked>& all, bool pin) {
    std::string text;
    Table refused{finding_columns(), {}};
    for (const auto& asked : all) {
        const auto cosigned = witness.cosign(asked, pin);
        if (cosigned) text += *cosigned + "\n";
        else refused.rows.push_back(finding_row(cosigned.error().lane, 0, 0, cosigned.error()));
    }
    if (refused.rows.empty()) return Answer{Text{text}};
    const auto rest = all.size() - refused.rows.size();
    return Answer{std::move(refused),
                  difference,
                  {"not cosigned; cairn audit verify --witness DIR finds the place",
                   std::to_string(rest) + " others were cosigned and are in checkpoints.jsonl"}};
}

}  // namespace

Checked<std::vector<events::Kept>> kept_checkpoints(const Context& context) {
    std::vector<events::Kept> kept;
    if (!context.has("witness")) return kept;
    const std::filesystem::path directory{context.text("witness")};
    const auto key = public_part(directory);
    if (!key) return std::unexpected(key.error());
    auto heads = read_kept(directory / "checkpoints.jsonl", *key);
    if (!heads) return std::unexpected(heads.error());
    for (auto& head : *heads) kept.push_back({std::move(head), key->name});
    return kept;
}

}  // namespace audit

Outcome audit_witness(Context& context) {
    auto witness = audit::Witness::open(context);
    if (!witness) return std::unexpected(witness.error());
    if (context.has("REQUEST")) {
        const auto file = context.text("REQUEST");
        std::ostringstream text;
        if (file == "-") text << std::cin.rdbuf();
        else text << std::ifstream{file}.rdbuf();
        const auto asked = audit::asked_from(text.str());
        if (!asked)
            return std::unexpected(Failure{bad_usage, file + " is no request",
                                           "cairn audit checkpoint --lane N --since SIZE makes "
                                           "one"});
        return audit::answered(*witness, {*asked}, false);
    }
    return audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        std::vector<audit::Asked> all;
        for (const auto& [lane] : tx.query<int>("select lane from log.lane_head order by lane")) {
            const auto origin = events::origin_of(postgres::log_name(tx), lane);
            const auto newest = projections::audit::newest_checkpoint(tx, lane);
            if (!newest) continue;
            const auto old = witness->last_size(origin);
            auto proof = old > newest->head.size
                             ? domain::Result<events::merkle::Proof>{}
                             : projections::consistency_proof(tx, lane, old, newest->head.size);
            // A tree with a hole has no proof, and is not cosigned.
            all.push_back({old, proof.value_or(events::merkle::Proof{}), newest->note,
                           postgres::key_notes(tx, lane)});
        }
        return audit::answered(*witness, all, true);
    });
}

}  // namespace cli
