// Tenants, people and their goals.
#include "projections/directory_query.hpp"
#include "projections/goal_changes.hpp"
#include "projections/goal_history.hpp"
#include "projections/goal_query.hpp"
#include "src/http/route_parts.hpp"

namespace http {
namespace {

using enum Access;
namespace goal = commands::goal;
namespace milestone = commands::milestone;
namespace action_item = commands::action_item;
namespace tenant = commands::tenant;
namespace user = commands::user;
namespace goals = projections::goal_board;
namespace directory = projections::directory;
namespace actions = projections::action_board;

constexpr std::string_view goal_needs[]{"goal_board", "action_board"};
constexpr std::string_view board_needs[]{"goal_board"};
constexpr std::string_view people_needs[]{"directory"};
constexpr std::string_view action_needs[]{"action_board"};
constexpr std::string_view goal_filters[]{"status", "lifecycle",        "health",           "owner",
                                          "metric", "target_date[gte]", "target_date[lte]", "sort",
                                          "as_of"};
constexpr std::string_view change_filters[]{"from", "to"};
constexpr std::string_view user_filters[]{"role"};
constexpr std::string_view action_filters[]{"status", "assignee", "goal"};
constexpr std::string_view a_goal = "/v1/goals/{id}";
constexpr std::string_view this_goal = "/v1/goals/{goal}";

const Route people_table[]{
    // ---- Tenants and people.
    {"POST", "/v1/tenants", open,
     Command{"tenant.register", tenant::register_tenant, "TenantRegistration",
             R"({"name":"Harbour Street Kitchen","country":"US","currency":"USD",)"
             R"("time_zone":"America/New_York","owner":{"email":"owner@example.com",)"
             R"("display_name":"A. Owner"}})",
             "/v1/tenant"},
     "Register a tenant and its owner; the answer carries a first access token"},
    {"GET", "/v1/tenant", read, Read{"tenant.get", directory::tenant, people_needs, {}, "Tenant"},
     "The caller's tenant"},
    {"PUT", "/v1/tenant", manage,
     Command{"tenant.change-profile", tenant::change_profile, "TenantProfile",
             R"({"name":"Harbour Street Kitchen & Shop","country":"US","currency":"USD",)"
             R"("time_zone":"America/New_York"})"},
     "Replace the tenant's profile"},
    {"GET", "/v1/me", read, Read{"me.get", directory::me, people_needs, {}, "User"}, "The caller"},
    {"GET", "/v1/users", read,
     Read{"user.list", directory::users, people_needs, user_filters, "User", {}, true},
     "The members of the tenant"},
    {"POST", "/v1/users", manage,
     Command{"user.register", user::register_user, "UserRegistration",
             R"({"email":"cook@example.com","display_name":"B. Cook","role":"staff"})",
             "/v1/users/{id}", "/v1/users/{id}"},
     "Add a person to the tenant"},
    {"GET", "/v1/users/{user}", read, Read{"user.get", directory::user, people_needs, {}, "User"},
     "One member"},
    {"PATCH", "/v1/users/{user}", manage,
     Command{"user.change-profile",
             user::change_profile,
             "UserProfile",
             R"({"display_name":"B. Baker"})",
             {},
             "/v1/users/{user}"},
     "Change what is given of a person's profile"},
    {"DELETE", "/v1/users/{user}", manage, Command{"user.deactivate", user::deactivate, "", ""},
     "Deactivate a person"},
    {"PUT", "/v1/users/{user}/role", manage,
     Command{"tenant.change-role", tenant::change_role, "RoleChange", R"({"role":"manager"})"},
     "Change a member's role"},
    {"DELETE", "/v1/users/{user}/role", manage,
     Command{"tenant.remove-member", tenant::remove_member, "", ""},
     "Remove a member from the tenant"},

    // ---- Goals.
    {"POST", "/v1/goals", write,
     Command{"goal.draft", goal::draft, "GoalInput",
             R"({"title":"More regulars","specific":{"description":"Turn one-time guests into )"
             R"(regulars with a loyalty card.","focus_area":"sales"},"measurable":)"
             R"({"metric":"regular_guests","direction":"increase","baseline":"120",)"
             R"("target_value":"200","unit":"count"},"achievable":{"feasibility_score":7,)"
             R"("reasoning":"The card costs little."},"relevant":{"business_impact":)"
             R"("Regulars spend twice as much."},"time_bound":{"start_date":"2026-01-01",)"
             R"("target_date":"2030-12-31","milestones":[{"title":"150 regulars",)"
             R"("due":"2028-06-30","target":"150"}]}})",
             a_goal, a_goal},
     "Draft a goal"},
    {"GET", "/v1/goals", read,
     Read{"goal.list", goals::list, board_needs, goal_filters, "GoalSummary", {}, true},
     "A page of goals, now or ?as_of= a @position or an instant"},
    {"GET", "/v1/goals/diff", read,
     Read{"goal.changes", goals::changes, {}, change_filters, "GoalChange", {}, true},
     "Which goals were added, removed or changed between two @positions or instants, and how"},
    {"GET", "/v1/goals/{goal}", read,
     Read{"goal.get", goals::get, goal_needs, {}, "Goal", goals::as_of},
     "One goal, now or ?as_of= a version, a @position or an instant"},
    {"PATCH", "/v1/goals/{goal}", write,
     Command{"goal.update",
             goal::update,
             "GoalUpdate",
             R"({"specific":{"description":"Turn one-time guests into regulars.",)"
             R"("focus_area":"sales"}})",
             {},
             this_goal},
     "Replace the groups that are given; an active goal's measure and timeframe need a reason"},
    {"PUT", "/v1/goals/{goal}/measurable", write,
     Command{"goal.set-measure",
             goal::set_measure,
             "Measurable",
             R"({"metric":"regular_guests","direction":"increase","baseline":"120",)"
             R"("target_value":"220","unit":"count"})",
             {},
             this_goal},
     "Set what is measured"},
    {"PUT", "/v1/goals/{goal}/time-bound", write,
     Command{"goal.set-timeframe",
             goal::set_timeframe,
             "TimeBound",
             R"({"start_date":"2026-01-01","target_date":"2030-06-30"})",
             {},
             this_goal},
     "Set when it starts and ends"},
    {"POST", "/v1/goals/{goal}/assess", write,
     Command{"goal.assess", goal::assess, "", "", {}, this_goal},
     "Judge the goal by the SMART rules"},
    {"POST", "/v1/goals/{goal}/activate", write,
     Command{"goal.activate", goal::activate, "Activation", "{}", {}, this_goal},
     "Commit to the goal, with an expected path"},
    {"POST", "/v1/goals/{goal}/check-ins", contribute,
     Command{"goal.check-in", goal::check_in, "CheckIn",
             R"({"value":"131","confidence":8,"notes":"The card is popular at lunch."})",
             "/v1/goals/{goal}#{command}", this_goal},
     "Check in: a value, a confidence, notes"},
    {"GET", "/v1/goals/{goal}/check-ins", read,
     Read{"goal.check-ins", goals::check_ins, board_needs, {}, "CheckInShown", {}, true},
     "A page of check-ins, newest first"},
    {"POST", "/v1/goals/{goal}/milestones", write,
     Command{"milestone.add", milestone::add, "MilestoneInput",
             R"({"title":"180 regulars","due":"2029-06-30","target":"180"})",
             "/v1/goals/{goal}#{command}", this_goal},
     "Add a milestone"},
    {"PATCH", "/v1/goals/{goal}/milestones/{milestone}", write,
     Command{"milestone.reschedule",
             milestone::reschedule,
             "Rescheduling",
             R"({"due":"2029-09-30"})",
             {},
             this_goal},
     "Reschedule a milestone"},
    {"POST", "/v1/goals/{goal}/milestones/{milestone}/complete", write,
     Command{"milestone.complete", milestone::complete, "", "", {}, this_goal},
     "Complete a milestone"},
    {"DELETE", "/v1/goals/{goal}/milestones/{milestone}", write,
     Command{"milestone.remove", milestone::remove, "", "", {}, this_goal}, "Remove a milestone"},
    {"POST", "/v1/goals/{goal}/action-items", contribute,
     Command{"action-item.add", action_item::add, "ActionItemInput",
             R"({"title":"Print the cards","due":"2027-02-01"})", "/v1/goals/{goal}#{command}",
             this_goal},
     "Add an action item"},
    {"PATCH", "/v1/goals/{goal}/action-items/{item}", contribute,
     Command{"action-item.reschedule",
             action_item::reschedule,
             "Rescheduling",
             R"({"due":"2027-03-01"})",
             {},
             this_goal},
     "Reschedule an action item"},
    {"POST", "/v1/goals/{goal}/action-items/{item}/start", contribute,
     Command{"action-item.start", action_item::start, "", "", {}, this_goal},
     "Start an action item"},
    {"POST", "/v1/goals/{goal}/action-items/{item}/complete", contribute,
     Command{"action-item.complete", action_item::complete, "", "", {}, this_goal},
     "Complete an action item"},
    {"DELETE", "/v1/goals/{goal}/action-items/{item}", contribute,
     Command{"action-item.cancel", action_item::cancel, "", "", {}, this_goal},
     "Cancel an action item"},
    {"POST", "/v1/goals/{goal}/complete", write,
     Command{"goal.complete",
             goal::complete,
             "Completion",
             R"({"final_value":"205","learnings":"Lunch guests come back, evening ones do not."})",
             {},
             this_goal},
     "Close the goal with its outcome"},
    {"POST", "/v1/goals/{goal}/abandon", write,
     Command{"goal.abandon",
             goal::abandon,
             "ReasonGiven",
             R"({"reason":"We changed course."})",
             {},
             this_goal},
     "Give the goal up"},
    {"POST", "/v1/goals/{goal}/reopen", write,
     Command{"goal.reopen",
             goal::reopen,
             "ReasonGiven",
             R"({"reason":"Closed too early."})",
             {},
             this_goal},
     "Open a closed goal again"},
    {"DELETE", "/v1/goals/{goal}", write,
     Command{"goal.archive", goal::archive, "", "", {}, this_goal},
     "Archive a goal; nothing is lost"},
    {"GET", "/v1/goals/{goal}/history", read,
     LogRead{"goal.history", goals::history, "Event", true}, "The goal's events, oldest first"},

    // ---- What is to be done.
    {"GET", "/v1/action-items", read,
     Read{"action-item.list", actions::list, action_needs, action_filters, "ActionItem", {}, true},
     "A page of action items over all goals"},
};

}  // namespace

std::span<const Route> people_routes() { return people_table; }

}  // namespace http
