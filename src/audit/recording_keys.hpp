#pragma once
#include "src/audit/opened.hpp"
#include "src/postgres/key_ring.hpp"

/// Notes whose personal values one request opens.
namespace audit {

/// The key ring for one request; for one thread at a time. What is erased or does not open is not
/// read, so it is not noted.
class RecordingKeys final : public events::Keys {
public:
    explicit RecordingKeys(postgres::KeyRing& ring) : ring_{ring} {}

    domain::Result<std::string> seal(const events::Place& place, domain::SubjectId subject,
                                     std::string_view clear) override;
    domain::Result<domain::Personal> open(const events::Place& place,
                                          const domain::Sealed& sealed) override;

    const Opened& opened() const { return opened_; }

private:
    postgres::KeyRing& ring_;
    Opened opened_;
};

}  // namespace audit
