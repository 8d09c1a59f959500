// Bodies of requests and answers as JSON Schemas.
#include "src/http/schemas.hpp"

namespace http {
namespace {

constexpr Schema all[]{
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
     R"_({"type":"object","properties":{"command_id":{"type":"string","format":"uuid"},"strea)_"
     R"_(m":{"type":"string"},"version":{"type":"integer"},"position":{"type":"string"},"id":)_"
     R"_({"type":"string","format":"uuid"},"events":{"type":"array","items":{"type":"object",)_"
     R"_("properties":{"id":{"type":"string","format":"uuid"},"type":{"type":"string"},"versi)_"
     R"_(on":{"type":"integer"},"position":{"type":"string"}},"required":["id","type","versio)_"
     R"_(n"]}},"resource":{"type":"object"},"validated_only":{"type":"boolean"}},"required":[)_"
     R"_("events"]})_"},
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
    {"Event",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"type":{"type")_"
     R"_(:"string"},"schema":{"type":"integer"},"stream":{"type":"string"},"version":{"type":)_"
     R"_("integer"},"position":{"type":"string"},"occurred_at":{"type":"string","format":"dat)_"
     R"_(e-time"},"recorded_at":{"type":"string","format":"date-time"},"actor":{"type":"objec)_"
     R"_(t"},"correlation_id":{"type":"string","format":"uuid"},"causation_id":{"type":"strin)_"
     R"_(g","format":"uuid"},"command_id":{"type":"string","format":"uuid"},"data":{"type":"o)_"
     R"_(bject"}},"required":["id","type","version","data"]})_"},
    {"ActionItem",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"goal":{"type")_"
     R"_(:"string","format":"uuid"},"title":{"type":"string"},"assignee":{"type":["string","n)_"
     R"_(ull"],"format":"uuid"},"due":{"type":["string","null"],"format":"date"},"status":{"t)_"
     R"_(ype":"string"},"completed_on":{"type":["string","null"],"format":"date"}},"required")_"
     R"_(:["id","goal","title","status"]})_"},
    {"LocationInput",
     R"_({"type":"object","properties":{"name":{"type":"string"},"time_zone":{"type":"str)_"
     R"_(ing"},"day_cutoff_minutes":{"type":"integer","minimum":0,"maximum":720}},"requir)_"
     R"_(ed":["name"],"additionalProperties":false})_"},
    {"Location",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"key":{"ty)_"
     R"_(pe":"string"},"name":{"type":"string"},"time_zone":{"type":["string","null"]},"d)_"
     R"_(ay_cutoff_minutes":{"type":["integer","null"]},"closed":{"type":"boolean"},"vers)_"
     R"_(ion":{"type":"integer"}}})_"},
    {"MetricInput",
     R"_({"type":"object","properties":{"key":{"type":"string"},"name":{"type":"string"},)_"
     R"_("kind":{"type":"string","enum":["simple","ratio","derived","cumulative"]},"unit")_"
     R"_(:{"type":"string"},"additivity":{"type":"string","enum":["full","not_over_time",)_"
     R"_("none"]},"aggregation":{"type":"string","enum":["sum","mean","last","min","max"])_"
     R"_(},"good_direction":{"type":"string","enum":["up","down","neutral"]},"gap_policy")_"
     R"_(:{"type":"string","enum":["gap","zero","carry"]},"dimensions":{"type":"array","i)_"
     R"_(tems":{"type":"string"}},"precision":{"type":"integer","minimum":0,"maximum":12})_"
     R"_(,"formula":{"type":"string"},"minimum":{"type":["string","number"],"description")_"
     R"_(:"A decimal, best as a string"},"maximum":{"type":["string","number"],"descripti)_"
     R"_(on":"A decimal, best as a string"}},"required":["key","name","unit"],"additional)_"
     R"_(Properties":false})_"},
    {"MetricRevision",
     R"_({"type":"object","properties":{"name":{"type":"string"},"kind":{"type":"string",)_"
     R"_("enum":["simple","ratio","derived","cumulative"]},"unit":{"type":"string"},"addi)_"
     R"_(tivity":{"type":"string","enum":["full","not_over_time","none"]},"aggregation":{)_"
     R"_("type":"string","enum":["sum","mean","last","min","max"]},"good_direction":{"typ)_"
     R"_(e":"string","enum":["up","down","neutral"]},"gap_policy":{"type":"string","enum")_"
     R"_(:["gap","zero","carry"]},"dimensions":{"type":"array","items":{"type":"string"}})_"
     R"_(,"precision":{"type":"integer","minimum":0,"maximum":12},"formula":{"type":"stri)_"
     R"_(ng"},"minimum":{"type":["string","number"],"description":"A decimal, best as a s)_"
     R"_(tring"},"maximum":{"type":["string","number"],"description":"A decimal, best as )_"
     R"_(a string"},"recompute_from":{"type":"string","format":"date","description":"Earlie)_"
     R"_(r days keep the formula they had"}},"additionalProperties":false})_"},
    {"FormulaPreview",
     R"_({"type":"object","required":["formula"],"properties":{"formula":{"type":"str)_"
     R"_(ing","maxLength":1000},"recompute_from":{"type":"string","format":"date"},"f)_"
     R"_(rom":{"type":"string"},"to":{"type":"string"},"grain":{"type":"string","enum)_"
     R"_(":["hour","day","week","month","quarter"]}},"additionalProperties":false})_"},
    {"FormulaPreviewed",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"st)_"
     R"_(ring"},"formula":{"type":"string"},"parsed":{"$ref":"#/components/schemas/Fo)_"
     R"_(rmulaPart"},"inputs":{"type":"array","items":{"type":"object","properties":{)_"
     R"_("metric":{"type":"string"},"unit":{"type":"string"},"derived":{"type":"boole)_"
     R"_(an"}}}},"grain":{"type":"string","enum":["hour","day","week","month","quarte)_"
     R"_(r"]},"points":{"type":"array","items":{"type":"object","properties":{"at":{")_"
     R"_(type":"string"},"value":{"type":["string","null"]},"preview":{"type":["strin)_"
     R"_(g","null"]}}}},"changed":{"type":"integer"}}})_"},
    {"FormulaPart",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"number":{"type":")_"
     R"_(string"},"operation":{"type":"string","enum":["negate","add","subtract","mul)_"
     R"_(tiply","divide","min","max","abs"]},"operands":{"type":"array","items":{"$re)_"
     R"_(f":"#/components/schemas/FormulaPart"}}}})_"},
    {"MetricRevisionShown",
     R"_({"type":"object","properties":{"version":{"type":"integer"},"type":{"type":")_"
     R"_(string"},"changed_at":{"type":"string","format":"date-time"},"by":{"type":"o)_"
     R"_(bject","properties":{"kind":{"type":"string"},"id":{"type":"string"}}},"chan)_"
     R"_(ges":{"type":"object","additionalProperties":{"type":"object","properties":{)_"
     R"_("from":true,"to":true}}},"recompute_from":{"type":["string","null"]}}})_"},
    {"Metric",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"key":{"ty)_"
     R"_(pe":"string"},"name":{"type":"string"},"kind":{"type":"string","enum":["simple",)_"
     R"_("ratio","derived","cumulative"]},"unit":{"type":"string"},"additivity":{"type":")_"
     R"_(string","enum":["full","not_over_time","none"]},"aggregation":{"type":"string",")_"
     R"_(enum":["sum","mean","last","min","max"]},"good_direction":{"type":"string","enum)_"
     R"_(":["up","down","neutral"]},"gap_policy":{"type":"string","enum":["gap","zero","c)_"
     R"_(arry"]},"dimensions":{"type":"array","items":{"type":"string"}},"precision":{"ty)_"
     R"_(pe":"integer","minimum":0,"maximum":12},"formula":{"type":["string","null"]},"mi)_"
     R"_(nimum":{"type":["string","null"]},"maximum":{"type":["string","null"]},"archived)_"
     R"_(":{"type":"boolean"},"version":{"type":"integer"},"updated_at":{"type":"string",)_"
     R"_("format":"date-time"}}})_"},
    {"MetricPoints",
     R"_({"oneOf":[{"type":"object","properties":{"points":{"type":"array","items":{"type)_"
     R"_(":"object","properties":{"metric":{"type":"string"},"at":{"type":"string","descr)_"
     R"_(iption":"An RFC 3339 time, or a date for the whole business day"},"value":{"type)_"
     R"_(":["string","number"],"description":"A decimal, best as a string"},"location":{")_"
     R"_(type":"string"},"unit":{"type":"string"},"dimensions":{"type":"object","addition)_"
     R"_(alProperties":{"type":"string"}}},"required":["metric","at","value"],"additional)_"
     R"_(Properties":false}}},"required":["points"],"additionalProperties":false},{"type")_"
     R"_(:"object","properties":{"series":{"type":"array","items":{"type":"object","prope)_"
     R"_(rties":{"metric":{"type":"string"},"location":{"type":"string"},"unit":{"type":")_"
     R"_(string"},"dimensions":{"type":"object","additionalProperties":{"type":"string"}})_"
     R"_(,"points":{"type":"array","items":{"type":"array","minItems":2,"maxItems":2,"pre)_"
     R"_(fixItems":[{"type":"string"},{"type":["string","number"],"description":"A decima)_"
     R"_(l, best as a string"}]}}},"required":["metric","points"],"additionalProperties":)_"
     R"_(false}}},"required":["series"],"additionalProperties":false}]})_"},
    {"MetricBatch",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"source":{)_"
     R"_("type":"string"},"received":{"type":"integer"},"accepted":{"type":"integer"},"du)_"
     R"_(plicate":{"type":"integer"},"corrected":{"type":"integer"},"rejected":{"type":"i)_"
     R"_(nteger"},"reverted":{"type":"boolean"},"reason":{"type":["string","null"]},"vers)_"
     R"_(ion":{"type":"integer"},"recorded_at":{"type":"string","format":"date-time"}}})_"},
    {"MetricReject",
     R"_({"type":"object","properties":{"line":{"type":"integer"},"metric":{"type":["stri)_"
     R"_(ng","null"]},"code":{"type":"string"},"detail":{"type":"string"}}})_"},
    {"BatchReversal",
     R"_({"type":"object","properties":{"reason":{"type":"string"}},"additionalProperties)_"
     R"_(":false})_"},
    {"MetricSeries",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string)_"
     R"_("},"grain":{"type":"string","enum":["hour","day","week","month","quarter"]},"poi)_"
     R"_(nts":{"type":"array","items":{"$ref":"#/components/schemas/MetricValue"}},"compa)_"
     R"_(re":{"type":"string"},"comparison":{"type":"array","items":{"$ref":"#/components)_"
     R"_(/schemas/MetricValue"}}}})_"},
    {"MetricValue",
     R"_({"type":"object","properties":{"at":{"type":"string"},"value":{"type":["string",)_"
     R"_("null"]},"moving_average":{"type":["number","null"]}}})_"},
    {"MetricSeriesList",
     R"_({"type":"object","properties":{"series":{"type":"array","items":{"$ref":"#/compo)_"
     R"_(nents/schemas/MetricSeries"}}}})_"},
    {"MetricPoint",
     R"_({"type":"object","properties":{"at":{"type":"string","format":"date-time"},"day)_"
     R"_(":{"type":"string","format":"date"},"location":{"type":"string"},"dimensions":{)_"
     R"_("type":"object"},"value":{"type":"string"},"unit":{"type":"string"}}})_"},
    {"MetricLatest",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string)_"
     R"_("},"day":{"type":"string","format":"date"},"value":{"type":"string"},"last_at":{)_"
     R"_("type":"string","format":"date-time"}}})_"},
    {"MetricMovers",
     R"_({"type":"object","properties":{"days":{"type":"integer"},"movers":{"type":"array)_"
     R"_(","items":{"type":"object","properties":{"metric":{"type":"string"},"unit":{"typ)_"
     R"_(e":"string"},"good_direction":{"type":"string"},"value":{"type":"string"},"befor)_"
     R"_(e":{"type":"string"},"change":{"type":["number","null"]}}}}}})_"},
    {"Event",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"type":{"t)_"
     R"_(ype":"string"},"schema":{"type":"integer"},"stream":{"type":"string"},"version":)_"
     R"_({"type":"integer"},"position":{"type":"string"},"occurred_at":{"type":"string",")_"
     R"_(format":"date-time"},"recorded_at":{"type":"string","format":"date-time"},"actor)_"
     R"_(":{"type":"object"},"correlation_id":{"type":"string"},"causation_id":{"type":"s)_"
     R"_(tring"},"command_id":{"type":"string"},"data":{"type":"object"}}})_"},
    {"EventPage",
     R"_({"type":"object","required":["items","next","position"],"properties":{"items":{")_"
     R"_(type":"array","items":{"$ref":"#/components/schemas/Event"}},"next":{"type":["st)_"
     R"_(ring","null"]},"position":{"type":"string","description":"Everything up to here )_"
     R"_(was looked at: what comes later is ?after= it"}}})_"},
    {"ConsumerInput",
     R"_({"type":"object","properties":{"filter":{"type":"object","properties":{"types":{)_"
     R"_("type":"array","items":{"type":"string"}},"streams":{"type":"array","items":{"ty)_"
     R"_(pe":"string"}},"correlations":{"type":"array","items":{"type":"string"}}},"addit)_"
     R"_(ionalProperties":false},"start":{"type":"string","description":"beginning, now o)_"
     R"_(r a position; counts when the consumer is made"},"lease_seconds":{"type":"intege)_"
     R"_(r","minimum":1,"maximum":3600},"failures_max":{"type":"integer","minimum":1,"max)_"
     R"_(imum":100}},"additionalProperties":false})_"},
    {"Consumer",
     R"_({"type":"object","properties":{"name":{"type":"string"},"filter":{"type":"object)_"
     R"_("},"position":{"type":"string","description":"Everything that matched up to here)_"
     R"_( is done"},"read_position":{"type":"string"},"head":{"type":"string"},"pending":)_"
     R"_({"type":"integer"},"leased":{"type":"integer"},"parked":{"type":"integer"},"leas)_"
     R"_(e_seconds":{"type":"integer"},"failures_max":{"type":"integer"},"created_at":{"t)_"
     R"_(ype":"string","format":"date-time"}}})_"},
    {"ConsumerList",
     R"_({"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/compon)_"
     R"_(ents/schemas/Consumer"}}}})_"},
    {"FetchInput",
     R"_({"type":"object","properties":{"max":{"type":"integer","minimum":1,"maximum":500)_"
     R"_(},"wait":{"type":"integer","minimum":0,"maximum":20}},"additionalProperties":fal)_"
     R"_(se})_"},
    {"Deliveries",
     R"_({"type":"object","properties":{"lease":{"type":["string","null"]},"lease_seconds)_"
     R"_(":{"type":"integer"},"items":{"type":"array","items":{"type":"object","propertie)_"
     R"_(s":{"failures":{"type":"integer"},"event":{"$ref":"#/components/schemas/Event"}})_"
     R"_(}}}})_"},
    {"AckInput",
     R"_({"type":"object","properties":{"lease":{"type":"string","format":"uuid"},"positi)_"
     R"_(ons":{"type":"array","items":{"type":"string"}}},"additionalProperties":false,"r)_"
     R"_(equired":["lease"]})_"},
    {"NackInput",
     R"_({"type":"object","properties":{"lease":{"type":"string","format":"uuid"},"positi)_"
     R"_(ons":{"type":"array","items":{"type":"string"}},"delay_seconds":{"type":"integer)_"
     R"_(","minimum":0,"maximum":86400},"reason":{"type":"string"}},"additionalProperties)_"
     R"_(":false,"required":["lease"]})_"},
    {"PositionsInput",
     R"_({"type":"object","properties":{"positions":{"type":"array","items":{"type":"stri)_"
     R"_(ng"}}},"additionalProperties":false})_"},
    {"Acked",
     R"_({"type":"object","properties":{"acked":{"type":"array","items":{"type":"string"})_"
     R"_(},"stale":{"type":"array","items":{"type":"string"}}}})_"},
    {"Nacked",
     R"_({"type":"object","properties":{"released":{"type":"array","items":{"type":"strin)_"
     R"_(g"}},"parked":{"type":"array","items":{"type":"string"}}}})_"},
    {"ParkedList",
     R"_({"type":"object","properties":{"items":{"type":"array","items":{"type":"object",)_"
     R"_("properties":{"position":{"type":"string"},"stream":{"type":"string"},"failures")_"
     R"_(:{"type":"integer"},"reason":{"type":"string"},"parked_at":{"type":"string","for)_"
     R"_(mat":"date-time"},"waiting":{"type":"integer"}}}}}})_"},
    {"Count", R"_({"type":"object","properties":{"count":{"type":"integer"}}})_"},
    {"Nothing", R"_({"type":"object"})_"},
    {"MetricQuality",
     R"_({"type":"object","properties":{"from":{"type":"string"},"to":{"type":"string"},")_"
     R"_(expected_days":{"type":"integer"},"received_days":{"type":"integer"},"completene)_"
     R"_(ss":{"type":"number"},"points":{"type":"integer"},"late_points":{"type":"integer)_"
     R"_("},"gaps":{"type":"array","items":{"type":"object","properties":{"from":{"type":)_"
     R"_("string"},"to":{"type":"string"},"days":{"type":"integer"}}}}}})_"},
    {"AnomalyNote",
     R"_({"type":"object","properties":{"note":{"type":"string"}},"additionalProperties)_"
     R"_(":false})_"},
    {"Anomaly",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"metric")_"
     R"_(:{"type":"string"},"location":{"type":["string","null"]},"on":{"type":"string")_"
     R"_(,"format":"date"},"kind":{"type":"string","enum":["spike","dip"]},"severity":{)_"
     R"_("type":"string","enum":["notice","critical"]},"status":{"type":"string","enum")_"
     R"_(:["open","explained","dismissed","withdrawn"]},"observed":{"type":"string"},"e)_"
     R"_(xpected":{"type":"string"},"low":{"type":"string"},"high":{"type":"string"},"s)_"
     R"_(core":{"type":"string"},"note":{"description":"Text, null, or {\"erased\":true)_"
     R"_(}"},"version":{"type":"integer"},"detected_at":{"type":"string","format":"date)_"
     R"_(-time"}}})_"},
    {"ClosureInput",
     R"_({"type":"object","properties":{"location":{"type":"string"},"from":{"type":"st)_"
     R"_(ring","format":"date"},"to":{"type":"string","format":"date"},"reason":{"type")_"
     R"_(:"string"}},"required":["from"],"additionalProperties":false})_"},
    {"Closure",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"locatio)_"
     R"_(n":{"type":["string","null"]},"from":{"type":"string","format":"date"},"to":{")_"
     R"_(type":"string","format":"date"},"reason":{"type":["string","null"]},"version":)_"
     R"_({"type":"integer"}}})_"},
    {"AlertRuleInput",
     R"_({"type":"object","properties":{"name":{"type":"string"},"metric":{"type":"stri)_"
     R"_(ng"},"location":{"type":"string"},"comparison":{"type":"string","enum":["above)_"
     R"_(","below","missing"]},"threshold":{"type":["string","number"],"description":"A)_"
     R"_( decimal, best as a string"},"grain":{"type":"string","enum":["day","week","mo)_"
     R"_(nth"]},"for_periods":{"type":"integer","minimum":1,"maximum":30},"severity":{")_"
     R"_(type":"string","enum":["notice","critical"]}},"required":["name","metric","com)_"
     R"_(parison"],"additionalProperties":false})_"},
    {"AlertRule",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"name":{)_"
     R"_("type":"string"},"metric":{"type":"string"},"location":{"type":["string","null)_"
     R"_("]},"comparison":{"type":"string","enum":["above","below","missing"]},"thresho)_"
     R"_(ld":{"type":["string","null"]},"grain":{"type":"string","enum":["day","week",")_"
     R"_(month"]},"for_periods":{"type":"integer"},"severity":{"type":"string","enum":[)_"
     R"_("notice","critical"]},"raised":{"type":"boolean"},"set_on":{"type":"string","f)_"
     R"_(ormat":"date"},"version":{"type":"integer"}}})_"},
    {"Alert", R"_({"type":"object","properties":{"rule":{"type":"string","format":"uuid"},"name")_"
              R"_(:{"type":"string"},"metric":{"type":"string"},"location":{"type":["string","nu)_"
              R"_(ll"]},"severity":{"type":"string","enum":["notice","critical"]},"status":{"typ)_"
              R"_(e":"string","enum":["raised","resolved"]},"raised_on":{"type":"string","format)_"
              R"_(":"date"},"value":{"type":["string","null"]},"threshold":{"type":["string","nu)_"
              R"_(ll"]},"resolved_on":{"type":["string","null"],"format":"date"},"resolved_value)_"
              R"_(":{"type":["string","null"]},"raised_at":{"type":"string","format":"date-time")_"
              R"_(}}})_"},
    {"BenchmarkLicence",
     R"_({"type":"object","properties":{"redistribute":{"type":"boolean"},"cloud_model_use")_"
     R"_(:{"type":"boolean"},"attribution":{"type":"string"},"notice":{"type":["string","nu)_"
     R"_(ll"]}},"required":["redistribute","cloud_model_use","attribution"]})_"},
    {"BenchmarkInput",
     R"_({"type":"object","properties":{"provider":{"type":"string","enum":["fred","census")_"
     R"_(,"ibisworld","bls","manual"]},"external_id":{"type":"string"},"title":{"type":"str)_"
     R"_(ing"},"unit":{"type":"string"},"frequency":{"type":"string","enum":["day","week",")_"
     R"_(month","quarter","year"]},"naics":{"type":"string"},"geo":{"type":"string"},"licen)_"
     R"_(ce":{"type":"object","properties":{"redistribute":{"type":"boolean"},"cloud_model_)_"
     R"_(use":{"type":"boolean"},"attribution":{"type":"string"}},"required":["attribution")_"
     R"_(],"additionalProperties":false}},"required":["provider","external_id","title","uni)_"
     R"_(t","frequency","geo","licence"],"additionalProperties":false})_"},
    {"Benchmark",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"provider":{)_"
     R"_("type":"string","enum":["fred","census","ibisworld","bls","manual"]},"external_id")_"
     R"_(:{"type":"string"},"title":{"type":"string"},"unit":{"type":"string"},"frequency":)_"
     R"_({"type":"string","enum":["day","week","month","quarter","year"]},"naics":{"type":[)_"
     R"_("string","null"]},"geo":{"type":"string"},"licence":{"$ref":"#/components/schemas/)_"
     R"_(BenchmarkLicence"},"retired_on":{"type":["string","null"],"format":"date"},"observ)_"
     R"_(ations":{"type":"integer"},"first_period":{"type":["string","null"],"format":"date)_"
     R"_("},"last_period":{"type":["string","null"],"format":"date"},"last_vintage":{"type")_"
     R"_(:["string","null"],"format":"date"},"version":{"type":"integer"},"updated_at":{"ty)_"
     R"_(pe":"string","format":"date-time"}},"required":["id","provider","external_id","lic)_"
     R"_(ence"]})_"},
    {"BenchmarkFile",
     R"_({"type":["object","array"],"description":"The provider's own answer: FRED series/o)_"
     R"_(bservations, a Census list of lists, IBISWorld data, BLS Results, or observations )_"
     R"_(of period, value, vintage and p10 to p90"})_"},
    {"BenchmarkObservations",
     R"_({"type":"object","properties":{"benchmark":{"type":"string","format":"uuid"},"titl)_"
     R"_(e":{"type":"string"},"provider":{"type":"string","enum":["fred","census","ibisworl)_"
     R"_(d","bls","manual"]},"external_id":{"type":"string"},"unit":{"type":"string"},"freq)_"
     R"_(uency":{"type":"string","enum":["day","week","month","quarter","year"]},"licence":)_"
     R"_({"$ref":"#/components/schemas/BenchmarkLicence"},"as_of":{"type":["string","null"])_"
     R"_(,"format":"date"},"truncated":{"type":"boolean"},"observations":{"type":"array","i)_"
     R"_(tems":{"type":"object","properties":{"period":{"type":"string","format":"date"},"v)_"
     R"_(alue":{"type":"string"},"vintage":{"type":"string","format":"date"},"percentiles":)_"
     R"_({"type":"object","properties":{"p10":{"type":"string"},"p25":{"type":"string"},"p5)_"
     R"_(0":{"type":"string"},"p75":{"type":"string"},"p90":{"type":"string"}}}}}}},"requir)_"
     R"_(ed":["benchmark","licence","observations"]})_"},
    {"BenchmarkImport",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"benchmark":)_"
     R"_({"type":"string","format":"uuid"},"format":{"type":"string"},"received":{"type":"i)_"
     R"_(nteger"},"accepted":{"type":"integer"},"known":{"type":"integer"},"missing":{"type)_"
     R"_(":"integer"},"rejected":{"type":"integer"},"recorded_at":{"type":"string","format")_"
     R"_(:"date-time"}}})_"},
    {"BenchmarkReject",
     R"_({"type":"object","properties":{"line":{"type":"integer"},"code":{"type":"string"},)_"
     R"_("detail":{"type":"string"}}})_"},
    {"BenchmarkMappingInput",
     R"_({"type":"object","properties":{"transform":{"type":"string","enum":["sum","mean",")_"
     R"_(last"]},"adjustment":{"type":"string","enum":["none","inflation"]},"deflator":{"ty)_"
     R"_(pe":"string","format":"uuid"},"factor":{"type":["string","number"],"description":")_"
     R"_(A decimal, best as a string"},"factor_unit":{"type":"string"}},"required":["transf)_"
     R"_(orm"],"additionalProperties":false})_"},
    {"BenchmarkMapping",
     R"_({"type":"object","properties":{"benchmark":{"type":"string","format":"uuid"},"prov)_"
     R"_(ider":{"type":"string","enum":["fred","census","ibisworld","bls","manual"]},"title)_"
     R"_(":{"type":"string"},"unit":{"type":"string"},"transform":{"type":"string","enum":[)_"
     R"_("sum","mean","last"]},"adjustment":{"type":"string","enum":["none","inflation"]},")_"
     R"_(deflator":{"type":["string","null"],"format":"uuid"},"factor":{"type":"string"},"f)_"
     R"_(actor_unit":{"type":["string","null"]},"licence":{"$ref":"#/components/schemas/Ben)_"
     R"_(chmarkLicence"}},"required":["benchmark","licence"]})_"},
    {"BenchmarkComparison",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string"})_"
     R"_(,"period":{"type":"string"},"from":{"type":"string","format":"date"},"to":{"type":)_"
     R"_("string","format":"date"},"own":{"type":"object","properties":{"value":{"type":["s)_"
     R"_(tring","null"]},"days":{"type":"integer"},"expected_days":{"type":"integer"}}},"be)_"
     R"_(nchmarks":{"type":"array","items":{"type":"object","properties":{"benchmark":{"typ)_"
     R"_(e":"string","format":"uuid"},"provider":{"type":"string","enum":["fred","census",")_"
     R"_(ibisworld","bls","manual"]},"title":{"type":"string"},"transform":{"type":"string")_"
     R"_(,"enum":["sum","mean","last"]},"adjustment":{"type":"string","enum":["none","infla)_"
     R"_(tion"]},"deflator":{"type":"string","format":"uuid"},"deflator_attribution":{"type)_"
     R"_(":"string"},"licence":{"$ref":"#/components/schemas/BenchmarkLicence"},"period":{")_"
     R"_(type":"string"},"value":{"type":["string","null"]},"unavailable":{"type":"string",)_"
     R"_("enum":["longer-period","no-observations"]},"difference":{"type":["string","null"])_"
     R"_(},"percentile":{"type":["object","null"],"properties":{"value":{"type":"number"},")_"
     R"_(low":{"type":"number"},"high":{"type":"number"},"method":{"type":"string","enum":[)_"
     R"_("published-percentiles","own-history","peer-percentiles"]},"n":{"type":"integer"}})_"
     R"_(},"vintage":{"type":"string","format":"date"},"age_days":{"type":"integer"}},"requ)_"
     R"_(ired":["benchmark","licence","value"]}}},"required":["metric","own","benchmarks"]})_"},
    {"CohortInput",
     R"_({"type":"object","properties":{"share":{"type":"boolean"},"naics":{"type":"string")_"
     R"_(}},"required":["share"],"additionalProperties":false})_"},
    {"Cohort",
     R"_({"type":"object","properties":{"share":{"type":"boolean"},"naics":{"type":"string")_"
     R"_(},"country":{"type":"string"},"since":{"type":"string","format":"date-time"}},"req)_"
     R"_(uired":["share"]})_"},
    {"PeerComparison",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string"})_"
     R"_(,"period":{"type":"string"},"from":{"type":"string","format":"date"},"to":{"type":)_"
     R"_("string","format":"date"},"own":{"type":"object","properties":{"value":{"type":["s)_"
     R"_(tring","null"]},"days":{"type":"integer"},"expected_days":{"type":"integer"}}},"co)_"
     R"_(hort":{"type":"object","properties":{"naics":{"type":"string"},"country":{"type":")_"
     R"_(string"},"tenants":{"type":"integer"}}},"percentiles":{"type":"object","properties)_"
     R"_(":{"p10":{"type":"string"},"p25":{"type":"string"},"p50":{"type":"string"},"p75":{)_"
     R"_("type":"string"},"p90":{"type":"string"}}},"percentile":{"type":["object","null"],)_"
     R"_("properties":{"value":{"type":"number"},"low":{"type":"number"},"high":{"type":"nu)_"
     R"_(mber"},"method":{"type":"string","enum":["published-percentiles","own-history","pe)_"
     R"_(er-percentiles"]},"n":{"type":"integer"}}}},"required":["metric","cohort","percent)_"
     R"_(iles"]})_"},
    {"Checkpoint",
     R"_({"type":"object","properties":{"origin":{"type":"string"},"lane":{"type":"inte)_"
     R"_(ger"},"size":{"type":"integer"},"root":{"type":"string","description":"32 byte)_"
     R"_(s in base64"},"note":{"type":"string","description":"A C2SP checkpoint"}},"req)_"
     R"_(uired":["origin","lane","size","root","note"]})_"},
    {"CheckpointKeys",
     R"_({"type":"object","properties":{"origin":{"type":"string"},"keys":{"type":"arra)_"
     R"_(y","items":{"type":"object","properties":{"epoch":{"type":"integer"},"verifier)_"
     R"_(":{"type":"string"},"cosignature_verifier":{"type":"string"},"note":{"type":"s)_"
     R"_(tring"}},"required":["epoch","verifier","note"]}}},"required":["origin","keys")_"
     R"_(]})_"},
    {"InclusionProof",
     R"_({"type":"object","properties":{"origin":{"type":"string"},"event":{"type":"str)_"
     R"_(ing","format":"uuid"},"lane":{"type":"integer"},"position":{"type":"integer"},)_"
     R"_("tenant_position":{"type":"integer"},"content_hash":{"type":"string","descript)_"
     R"_(ion":"32 bytes in base64"},"traceparent":{"type":"string"},"leaf_hash":{"type")_"
     R"_(:"string","description":"32 bytes in base64"},"leaf_index":{"type":"integer"},)_"
     R"_("size":{"type":"integer"},"proof":{"type":"array","items":{"type":"string","de)_"
     R"_(scription":"32 bytes in base64"}},"checkpoint":{"type":"string"}},"required":[)_"
     R"_("position","leaf_hash","leaf_index","size","proof","checkpoint"]})_"},
    {"ConsistencyProof",
     R"_({"type":"object","properties":{"origin":{"type":"string"},"lane":{"type":"inte)_"
     R"_(ger"},"from":{"type":"integer"},"from_root":{"type":"string","description":"32)_"
     R"_( bytes in base64"},"to":{"type":"integer"},"to_root":{"type":"string","descrip)_"
     R"_(tion":"32 bytes in base64"},"proof":{"type":"array","items":{"type":"string",")_"
     R"_(description":"32 bytes in base64"}}},"required":["from","from_root","to","to_r)_"
     R"_(oot","proof"]})_"},
    {"AuditEntry",
     R"_({"type":"object","properties":{"sequence":{"type":"string"},"at":{"type":"string",)_"
     R"_("format":"date-time"},"request_id":{"type":"string"},"correlation_id":{"type":"str)_"
     R"_(ing","format":"uuid"},"command_id":{"type":["string","null"],"format":"uuid"},"act)_"
     R"_(or":{"type":"object","properties":{"id":{"type":"string","format":"uuid"},"role":{)_"
     R"_("type":"string"}}},"action":{"type":"string"},"resource":{"type":["string","null"])_"
     R"_(,"format":"uuid"},"outcome":{"type":"string","enum":["allowed","refused"]},"code":)_"
     R"_({"type":["string","null"]},"status":{"type":"integer"},"subjects":{"description":")_"
     R"_(Whose personal values were opened","type":"array","items":{"type":"string","format)_"
     R"_(":"uuid"}},"fields":{"type":"array","items":{"type":"string"}},"purpose":{"type":")_"
     R"_(string"},"source":{"description":"Stands for the client's address","type":"string")_"
     R"_(},"hash":{"type":"string"}}})_"},
    {"EffectTree",
     R"_({"type":"object","properties":{"correlation_id":{"type":"string","format":"uuid"},)_"
     R"_("events":{"type":"integer"},"truncated":{"type":"boolean"},"commands":{"type":"arr)_"
     R"_(ay","items":{"$ref":"#/components/schemas/CausedCommand"}}}})_"},
    {"CausedCommand",
     R"_({"type":"object","properties":{"command_id":{"type":"string","format":"uuid"},"cau)_"
     R"_(sation_id":{"type":"string","format":"uuid"},"actor":{"type":"object","properties")_"
     R"_(:{"kind":{"type":"string"},"id":{"type":"string","format":"uuid"}}},"recorded_at":)_"
     R"_({"type":"string","format":"date-time"},"events":{"type":"array","items":{"type":"o)_"
     R"_(bject","properties":{"id":{"type":"string","format":"uuid"},"type":{"type":"string)_"
     R"_("},"stream":{"type":"string"},"version":{"type":"integer"},"position":{"type":"str)_"
     R"_(ing"},"recorded_at":{"type":"string","format":"date-time"},"caused":{"type":"array)_"
     R"_(","items":{"$ref":"#/components/schemas/CausedCommand"}}}}}}})_"},
};

}  // namespace

std::span<const Schema> schemas() { return all; }

}  // namespace http
