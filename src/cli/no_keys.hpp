#pragma once
#include "events/personal.hpp"
#include "events/store.hpp"

namespace cli {

/// For commands whose events hold nothing personal, so nothing is ever sealed.
class NoKeys final : public events::Keys {
public:
    domain::Result<std::string> seal(const events::Place&, domain::SubjectId,
                                     std::string_view) override {
        return domain::refuse(events::store_away, "no keys are at hand");
    }
    domain::Result<domain::Personal> open(const events::Place&, const domain::Sealed&) override {
        return domain::refuse(events::store_away, "no keys are at hand");
    }
};

}  // namespace cli
