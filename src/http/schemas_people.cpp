// Bodies of tenants, people and goals, and of what every answer shares, as JSON Schemas.
#include "src/http/schemas.hpp"

namespace http {
namespace {

constexpr Schema people_bodies[]{
    {"TenantProfile",
     R"_({"type":"object","properties":{"name":{"type":"string"},"country":{"type":"string"},)_"
     R"_("currency":{"type":"string"},"time_zone":{"type":"string"},"industry":{"type":"strin)_"
     R"_(g"},"week_start":{"type":"integer","minimum":0,"maximum":6},"day_cutoff_minutes":{"t)_"
     R"_(ype":"integer","minimum":0,"maximum":720}},"required":["name","country","currency",")_"
     R"_(time_zone"],"additionalProperties":false})_"},
    {"TenantRegistration",
     R"_({"type":"object","properties":{"name":{"type":"string"},"country":{"type":"string"},)_"
     R"_("currency":{"type":"string"},"time_zone":{"type":"string"},"industry":{"type":"strin)_"
     R"_(g"},"week_start":{"type":"integer","minimum":0,"maximum":6},"day_cutoff_minutes":{"t)_"
     R"_(ype":"integer","minimum":0,"maximum":720},"plan_tier":{"type":"string","enum":["star)_"
     R"_(ter","pro","enterprise"]},"owner":{"type":"object","properties":{"email":{"type":"st)_"
     R"_(ring"},"display_name":{"type":"string"},"locale":{"type":"string"},"time_zone":{"typ)_"
     R"_(e":"string"}},"required":["email","display_name"],"additionalProperties":false}},"re)_"
     R"_(quired":["name","country","currency","time_zone","owner"],"additionalProperties":fal)_"
     R"_(se})_"},
    {"UserRegistration",
     R"_({"type":"object","properties":{"email":{"type":"string"},"display_name":{"type":"str)_"
     R"_(ing"},"locale":{"type":"string"},"time_zone":{"type":"string"},"role":{"type":"strin)_"
     R"_(g","enum":["owner","manager","staff","adviser","viewer"]}},"required":["email","disp)_"
     R"_(lay_name","role"],"additionalProperties":false})_"},
    {"UserProfile",
     R"_({"type":"object","properties":{"display_name":{"type":"string"},"locale":{"type":"st)_"
     R"_(ring"},"time_zone":{"type":"string"}},"additionalProperties":false})_"},
    {"RoleChange",
     R"_({"type":"object","properties":{"role":{"type":"string","enum":["owner","manager","st)_"
     R"_(aff","adviser","viewer"]}},"required":["role"],"additionalProperties":false})_"},
    {"Measurable",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"metric_id":{"type":"strin)_"
     R"_(g","format":"uuid"},"direction":{"type":"string","enum":["increase","decrease","stay)_"
     R"_(_above","stay_below","stay_within"]},"baseline":{"type":["string","number"],"descrip)_"
     R"_(tion":"A decimal, best as a string"},"target_value":{"type":["string","number"],"des)_"
     R"_(cription":"A decimal, best as a string"},"low":{"type":["string","number"],"descript)_"
     R"_(ion":"A decimal, best as a string"},"high":{"type":["string","number"],"description")_"
     R"_(:"A decimal, best as a string"},"unit":{"type":"string"},"reason":{"type":"string"}})_"
     R"_(,"required":["metric","direction","baseline","target_value","unit"],"additionalPrope)_"
     R"_(rties":false})_"},
    {"MilestoneInput",
     R"_({"type":"object","properties":{"title":{"type":"string"},"due":{"type":"string","for)_"
     R"_(mat":"date"},"target":{"type":["string","number"],"description":"A decimal, best as )_"
     R"_(a string"}},"required":["title","due"],"additionalProperties":false})_"},
    {"TimeBound",
     R"_({"type":"object","properties":{"start_date":{"type":"string","format":"date"},"targe)_"
     R"_(t_date":{"type":"string","format":"date"},"cadence":{"type":"string","enum":["weekly)_"
     R"_(","biweekly","monthly"]},"reason":{"type":"string"}},"required":["start_date","targe)_"
     R"_(t_date"],"additionalProperties":false})_"},
    {"GoalInput",
     R"_({"type":"object","properties":{"title":{"type":"string"},"specific":{"type":"object")_"
     R"_(,"properties":{"description":{"type":"string"},"focus_area":{"type":"string"},"owner)_"
     R"_(":{"type":"string","format":"uuid"}},"additionalProperties":false},"measurable":{"ty)_"
     R"_(pe":"object","properties":{"metric":{"type":"string"},"metric_id":{"type":"string",")_"
     R"_(format":"uuid"},"direction":{"type":"string","enum":["increase","decrease","stay_abo)_"
     R"_(ve","stay_below","stay_within"]},"baseline":{"type":["string","number"],"description)_"
     R"_(":"A decimal, best as a string"},"target_value":{"type":["string","number"],"descrip)_"
     R"_(tion":"A decimal, best as a string"},"low":{"type":["string","number"],"description")_"
     R"_(:"A decimal, best as a string"},"high":{"type":["string","number"],"description":"A )_"
     R"_(decimal, best as a string"},"unit":{"type":"string"}},"required":["metric","directio)_"
     R"_(n","baseline","target_value","unit"],"additionalProperties":false},"achievable":{"ty)_"
     R"_(pe":"object","properties":{"feasibility_score":{"type":"integer","minimum":1,"maximu)_"
     R"_(m":10},"reasoning":{"type":"string"},"resources_required":{"type":"array","items":{")_"
     R"_(type":"string"}}},"additionalProperties":false},"relevant":{"type":"object","propert)_"
     R"_(ies":{"aligned_goals":{"type":"array","items":{"type":"string","format":"uuid"}},"al)_"
     R"_(igned_metrics":{"type":"array","items":{"type":"string"}},"business_impact":{"type":)_"
     R"_("string"},"evidence_ids":{"type":"array","items":{"type":"string"}}},"additionalProp)_"
     R"_(erties":false},"time_bound":{"type":"object","properties":{"start_date":{"type":"str)_"
     R"_(ing","format":"date"},"target_date":{"type":"string","format":"date"},"cadence":{"ty)_"
     R"_(pe":"string","enum":["weekly","biweekly","monthly"]},"milestones":{"type":"array","i)_"
     R"_(tems":{"$ref":"#/components/schemas/MilestoneInput"}}},"required":["start_date","tar)_"
     R"_(get_date"],"additionalProperties":false}},"required":["title"],"additionalProperties)_"
     R"_(":false})_"},
    {"GoalUpdate",
     R"_({"type":"object","properties":{"title":{"type":"string"},"specific":{"type":"object")_"
     R"_(,"properties":{"description":{"type":"string"},"focus_area":{"type":"string"},"owner)_"
     R"_(":{"type":"string","format":"uuid"}},"additionalProperties":false},"measurable":{"ty)_"
     R"_(pe":"object","properties":{"metric":{"type":"string"},"metric_id":{"type":"string",")_"
     R"_(format":"uuid"},"direction":{"type":"string","enum":["increase","decrease","stay_abo)_"
     R"_(ve","stay_below","stay_within"]},"baseline":{"type":["string","number"],"description)_"
     R"_(":"A decimal, best as a string"},"target_value":{"type":["string","number"],"descrip)_"
     R"_(tion":"A decimal, best as a string"},"low":{"type":["string","number"],"description")_"
     R"_(:"A decimal, best as a string"},"high":{"type":["string","number"],"description":"A )_"
     R"_(decimal, best as a string"},"unit":{"type":"string"}},"required":["metric","directio)_"
     R"_(n","baseline","target_value","unit"],"additionalProperties":false},"achievable":{"ty)_"
     R"_(pe":"object","properties":{"feasibility_score":{"type":"integer","minimum":1,"maximu)_"
     R"_(m":10},"reasoning":{"type":"string"},"resources_required":{"type":"array","items":{")_"
     R"_(type":"string"}}},"additionalProperties":false},"relevant":{"type":"object","propert)_"
     R"_(ies":{"aligned_goals":{"type":"array","items":{"type":"string","format":"uuid"}},"al)_"
     R"_(igned_metrics":{"type":"array","items":{"type":"string"}},"business_impact":{"type":)_"
     R"_("string"},"evidence_ids":{"type":"array","items":{"type":"string"}}},"additionalProp)_"
     R"_(erties":false},"time_bound":{"type":"object","properties":{"start_date":{"type":"str)_"
     R"_(ing","format":"date"},"target_date":{"type":"string","format":"date"},"cadence":{"ty)_"
     R"_(pe":"string","enum":["weekly","biweekly","monthly"]}},"required":["start_date","targ)_"
     R"_(et_date"],"additionalProperties":false},"reason":{"type":"string"}},"additionalPrope)_"
     R"_(rties":false})_"},
    {"Activation",
     R"_({"type":"object","properties":{"path":{"type":"array","items":{"type":"object","prop)_"
     R"_(erties":{"on":{"type":"string","format":"date"},"expected":{"type":["string","number)_"
     R"_("],"description":"A decimal, best as a string"}},"required":["on","expected"],"addit)_"
     R"_(ionalProperties":false}}},"additionalProperties":false})_"},
    {"CheckIn",
     R"_({"type":"object","properties":{"as_of":{"type":"string","format":"date"},"value":{"t)_"
     R"_(ype":["string","number"],"description":"A decimal, best as a string"},"confidence":{)_"
     R"_("type":"integer","minimum":1,"maximum":10},"notes":{"type":"string"},"blockers":{"ty)_"
     R"_(pe":"string"},"next_step":{"type":"string"}},"additionalProperties":false})_"},
    {"Rescheduling",
     R"_({"type":"object","properties":{"due":{"type":"string","format":"date"}},"required":[)_"
     R"_("due"],"additionalProperties":false})_"},
    {"ActionItemInput",
     R"_({"type":"object","properties":{"title":{"type":"string"},"assignee":{"type":"string")_"
     R"_(,"format":"uuid"},"due":{"type":"string","format":"date"}},"required":["title"],"add)_"
     R"_(itionalProperties":false})_"},
    {"Completion",
     R"_({"type":"object","properties":{"outcome":{"type":"string","enum":["achieved","partia)_"
     R"_(l","missed"]},"final_value":{"type":["string","number"],"description":"A decimal, be)_"
     R"_(st as a string"},"learnings":{"type":"string"}},"additionalProperties":false})_"},
    {"ReasonGiven",
     R"_({"type":"object","properties":{"reason":{"type":"string"}},"additionalProperties":fa)_"
     R"_(lse})_"},
    {"Receipt",
     R"_({"type":"object","properties":{"command_id":{"type":"string","format":"uuid"},"s)_"
     R"_(tream":{"type":"string"},"version":{"type":"integer"},"position":{"type":"string)_"
     R"_("},"id":{"type":"string","format":"uuid"},"events":{"type":"array","items":{"typ)_"
     R"_(e":"object","properties":{"id":{"type":"string","format":"uuid"},"type":{"type":)_"
     R"_("string"},"version":{"type":"integer"},"position":{"type":"string"}},"required":)_"
     R"_(["id","type","version"]}},"resource":{"type":"object"},"validated_only":{"type":)_"
     R"_("boolean"},"secret":{"type":"string","description":"Of a webhook, from commands )_"
     R"_(that make one"}},"required":["events"]})_"},
    {"RowsReceipt",
     R"_({"oneOf":[{"$ref":"#/components/schemas/Receipt"},{"type":"object","description":"O)_"
     R"_(f a body of more than one batch","properties":{"lines":{"type":"integer"},"position")_"
     R"_(:{"type":"string"},"batches":{"type":"array","items":{"type":"object","properties":{)_"
     R"_("id":{"type":"string","format":"uuid"},"position":{"type":"string"},"replayed":{"typ)_"
     R"_(e":"boolean"}},"required":["id","position","replayed"]}}},"required":["lines","posit)_"
     R"_(ion","batches"]}]})_"},
    {"Registration",
     R"_({"type":"object","properties":{"command_id":{"type":"string","format":"uuid"},"strea)_"
     R"_(m":{"type":"string"},"version":{"type":"integer"},"position":{"type":"string"},"id":)_"
     R"_({"type":"string","format":"uuid"},"events":{"type":"array","items":{"type":"object",)_"
     R"_("properties":{"id":{"type":"string","format":"uuid"},"type":{"type":"string"},"versi)_"
     R"_(on":{"type":"integer"},"position":{"type":"string"}},"required":["id","type","versio)_"
     R"_(n"]}},"resource":{"type":"object"},"validated_only":{"type":"boolean"},"tenant_id":{)_"
     R"_("type":"string","format":"uuid"},"user_id":{"type":"string","format":"uuid"},"access)_"
     R"_(_token":{"type":"string"},"token_type":{"type":"string"},"expires_in":{"type":"integ)_"
     R"_(er"}},"required":["events"]})_"},
    {"Problem",
     R"_({"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},"s)_"
     R"_(tatus":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},"insta)_"
     R"_(nce":{"type":"string"},"request_id":{"type":"string"},"errors":{"type":"array","item)_"
     R"_(s":{"type":"object","properties":{"pointer":{"type":"string"},"code":{"type":"string)_"
     R"_("},"detail":{"type":"string"}},"required":["pointer","code","detail"]}}},"required":)_"
     R"_(["type","title","status","code","request_id"]})_"},
    {"Tenant",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"name":{"type")_"
     R"_(:"string"},"country":{"type":"string"},"currency":{"type":"string"},"time_zone":{"ty)_"
     R"_(pe":"string"},"industry":{"type":"string"},"week_start":{"type":"integer","minimum":)_"
     R"_(0,"maximum":6},"day_cutoff_minutes":{"type":"integer","minimum":0,"maximum":720},"pl)_"
     R"_(an_tier":{"type":"string"},"version":{"type":"integer"}},"required":["id","name","ve)_"
     R"_(rsion"]})_"},
    {"User",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"role":{"type")_"
     R"_(:"string","enum":["owner","manager","staff","adviser","viewer"]},"email":{"anyOf":[{)_"
     R"_("type":["string","null"]},{"type":"object","properties":{"erased":{"type":"boolean"})_"
     R"_(},"required":["erased"],"additionalProperties":false}]},"display_name":{"anyOf":[{"t)_"
     R"_(ype":["string","null"]},{"type":"object","properties":{"erased":{"type":"boolean"}},)_"
     R"_("required":["erased"],"additionalProperties":false}]},"locale":{"type":"string"},"ti)_"
     R"_(me_zone":{"type":"string"},"active":{"type":"boolean"},"version":{"type":"integer"}})_"
     R"_(,"required":["id","role"]})_"},
    {"GoalSummary",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"title":{"type)_"
     R"_(":"string"},"status":{"type":"string"},"lifecycle":{"type":"string","enum":["draft",)_"
     R"_("active","completed","abandoned","archived"]},"health":{"type":["string","null"]},"p)_"
     R"_(rogress":{"type":["number","null"]},"expected_progress":{"type":["number","null"]},")_"
     R"_(expected_value":{"type":["string","null"]},"specific":{"type":"object"},"measurable")_"
     R"_(:{"type":["object","null"]},"achievable":{"type":"object"},"relevant":{"type":"objec)_"
     R"_(t"},"time_bound":{"type":["object","null"]},"version":{"type":"integer"},"created_at)_"
     R"_(":{"type":"string","format":"date-time"},"updated_at":{"type":"string","format":"dat)_"
     R"_(e-time"}},"required":["id","title","status","lifecycle","version"]})_"},
    {"Goal",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"title":{"type)_"
     R"_(":"string"},"status":{"type":"string"},"lifecycle":{"type":"string","enum":["draft",)_"
     R"_("active","completed","abandoned","archived"]},"health":{"type":["string","null"]},"p)_"
     R"_(rogress":{"type":["number","null"]},"expected_progress":{"type":["number","null"]},")_"
     R"_(expected_value":{"type":["string","null"]},"specific":{"type":"object"},"measurable")_"
     R"_(:{"type":["object","null"]},"achievable":{"type":"object"},"relevant":{"type":"objec)_"
     R"_(t"},"time_bound":{"type":["object","null"]},"version":{"type":"integer"},"created_at)_"
     R"_(":{"type":"string","format":"date-time"},"updated_at":{"type":"string","format":"dat)_"
     R"_(e-time"},"health_reasons":{"type":"array","items":{"type":"string"}},"smart":{"type")_"
     R"_(:["object","null"]},"action_plan":{"type":"array","items":{"type":"object"}},"check_)_"
     R"_(ins":{"type":"array","items":{"$ref":"#/components/schemas/CheckInShown"}},"ai_recom)_"
     R"_(mendations":{"type":"array","items":{"type":"object"}},"outcome":{"type":["object",")_"
     R"_(null"]}},"required":["id","title","status","lifecycle","version","check_ins","action)_"
     R"_(_plan"]})_"},
    {"CheckInShown",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"as_of":{"type)_"
     R"_(":"string","format":"date"},"value":{"type":["string","null"]},"confidence":{"type":)_"
     R"_(["integer","null"]},"notes":{"anyOf":[{"type":["string","null"]},{"type":"object","p)_"
     R"_(roperties":{"erased":{"type":"boolean"}},"required":["erased"],"additionalProperties)_"
     R"_(":false}]},"blockers":{"anyOf":[{"type":["string","null"]},{"type":"object","propert)_"
     R"_(ies":{"erased":{"type":"boolean"}},"required":["erased"],"additionalProperties":fals)_"
     R"_(e}]},"next_step":{"anyOf":[{"type":["string","null"]},{"type":"object","properties":)_"
     R"_({"erased":{"type":"boolean"}},"required":["erased"],"additionalProperties":false}]},)_"
     R"_("source":{"type":"string"},"by":{"type":"string","format":"uuid"},"recorded_at":{"ty)_"
     R"_(pe":"string","format":"date-time"}},"required":["id","as_of"]})_"},
    {"ActionItem",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"goal":{"type")_"
     R"_(:"string","format":"uuid"},"title":{"type":"string"},"assignee":{"type":["string","n)_"
     R"_(ull"],"format":"uuid"},"due":{"type":["string","null"],"format":"date"},"status":{"t)_"
     R"_(ype":"string"},"completed_on":{"type":["string","null"],"format":"date"}},"required")_"
     R"_(:["id","goal","title","status"]})_"},
};

}  // namespace

std::span<const Schema> people_schemas() { return people_bodies; }

}  // namespace http
