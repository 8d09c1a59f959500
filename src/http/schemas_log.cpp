// Bodies of the log: feeds, consumers, proofs, the trail, as JSON Schemas.
#include "src/http/schemas.hpp"

namespace http {
namespace {

constexpr Schema log_bodies[]{
    {"GoalDiff",
     R"_({"type":"object","properties":{"from":{"type":"integer"},"to":{"type":"integer"},"ch)_"
     R"_(anges":{"type":"array","items":{"type":"object","properties":{"pointer":{"type":"str)_"
     R"_(ing"},"from":{},"to":{}},"required":["pointer","from","to"]}}},"required":["from","t)_"
     R"_(o","changes"]})_"},
    {"GoalChange",
     R"_({"type":"object","properties":{"goal":{"type":"string","format":"uuid"},"title":)_"
     R"_({"type":"string"},"change":{"type":"string","enum":["added","removed","changed"])_"
     R"_(},"from_version":{"type":["integer","null"]},"to_version":{"type":["integer","nu)_"
     R"_(ll"]},"changes":{"type":"array","items":{"type":"object","properties":{"pointer")_"
     R"_(:{"type":"string"},"from":{},"to":{}},"required":["pointer","from","to"]}}},"req)_"
     R"_(uired":["goal","title","change","from_version","to_version","changes"]})_"},
    {"StreamDiff",
     R"_({"type":"object","properties":{"from":{"type":"integer"},"to":{"type":"integer"},"ch)_"
     R"_(anges":{"type":"array","items":{"type":"object","properties":{"pointer":{"type":"str)_"
     R"_(ing"},"from":{},"to":{}},"required":["pointer","from","to"]}}},"required":["from","t)_"
     R"_(o","changes"]})_"},
    {"StreamState",
     R"_({"type":"object","properties":{"stream":{"type":"string"},"version":{"type":"integer)_"
     R"_("},"position":{"type":"string"},"recorded_at":{"type":"string","format":"date-time"})_"
     R"_(,"state":{"type":"object","description":"Which one, its version, and the members of )_"
     R"_(its category; personal values are sealed, and of a webhook's address there is the or)_"
     R"_(igin"}},"required":["stream","version","state"]})_"},
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

std::span<const Schema> log_schemas() { return log_bodies; }

}  // namespace http
