#pragma once
#include "domain/base/ids.hpp"

#include <set>
#include <string>

namespace audit {

/// Whose personal values were opened, and which ones. An entry of the trail says of all of these
/// people that all of these fields were.
struct Opened {
    std::set<domain::SubjectId> subjects;
    std::set<std::string> fields;  ///< `goal.notes`

    bool empty() const { return fields.empty(); }
    void add(const Opened& more) {
        subjects.insert(more.subjects.begin(), more.subjects.end());
        fields.insert(more.fields.begin(), more.fields.end());
    }
};

/// As PostgreSQL writes arrays, in order: `{<uuid>,…}` and `{goal.notes,user.email}`.
std::string subjects_text(const Opened& opened);
std::string fields_text(const Opened& opened);

}  // namespace audit
