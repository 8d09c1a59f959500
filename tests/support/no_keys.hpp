#pragma once
#include "events/personal.hpp"
#include "events/store.hpp"

namespace support {

/// For folds, commands and questions that meet no personal value: opening one is refused.
class NoKeys final : public events::Keys {
public:
    domain::Result<std::string> seal(const events::Place&, domain::SubjectId,
                                     std::string_view) override {
        return std::string{};
    }
    domain::Result<domain::Personal> open(const events::Place&, const domain::Sealed&) override {
        return domain::refuse(events::store_away);
    }
};

}  // namespace support
