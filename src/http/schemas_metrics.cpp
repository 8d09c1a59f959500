// Bodies of metrics, benchmarks and what stands out, as JSON Schemas.
#include "src/http/schemas.hpp"

namespace http {
namespace {

constexpr Schema metric_bodies[]{
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
     R"_("none"]},"aggregation":{"type":"string","enum":["sum","mean","last","min","max"],)_"
     R"_("description":"By default sum; last of what is not_over_time, and mean of what adds )_"
     R"_(up nowhere, none: neither has a sum"},"good_direction":{"type":"string","enum":["up")_"
     R"_(,"down","neutral"]},"gap_policy")_"
     R"_(:{"type":"string","enum":["gap","zero","carry"]},"dimensions":{"type":"array","i)_"
     R"_(tems":{"type":"string"}},"precision":{"type":"integer","minimum":0,"maximum":12,)_"
     R"_("description":"Decimals that are shown, and that what follows from a formula is round)_"
     R"_(ed to: by default 4 of ratio and derived metrics, else 0"},"formula":{"type":"string"},)_"
     R"_("minimum":{"type":["string","number"],"description")_"
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
     R"_({"type":"object","description":"Hours that are compared with another day's are those in )_"
     R"_(which the clock of the place, or of the business, shows the same. As CSV: metric, )_"
     R"_(at, value, unit; then, when they are)_"
     R"_( asked for, moving_average, compared_at and compared_value, a line a period. A cumul)_"
     R"_(ative metric whose aggregation is sum shows its total since 1 January of the period')_"
     R"_(s first day; with another aggregation its points are readings, and shown as such. Go)_"
     R"_(als, alerts and formulas have what a period added. A gap whose policy is zero is zer)_"
     R"_(o from the first point of the place on, once it is complete: a later day has points, )_"
     R"_(or two days have passed; a closed period stays a gap. One that carries has of every p)_"
     R"_(lace and dimension the value before it, up to today.","properties":{"metric":{"typ)_"
     R"_(e":"string"},"unit":{"type":"string)_"
     R"_("},"grain":{"type":"string","enum":["hour","day","week","month","quarter"]},"poi)_"
     R"_(nts":{"type":"array","items":{"$ref":"#/components/schemas/MetricValue"}},"compa)_"
     R"_(re":{"type":"string"},"comparison":{"type":"array","items":{"$ref":"#/components)_"
     R"_(/schemas/MetricValue"}}}})_"},
    {"MetricValue",
     R"_({"type":"object","properties":{"at":{"type":"string"},"value":{"type":["string",)_"
     R"_("null"]},"moving_average":{"type":["number","null"],"description":"Of )_"
     R"_(the values in the period and those before it; periods without a value leave the mea)_"
     R"_(n of the others"},"closed":{"type":"boolean","description":"True for a gap that would )_"
     R"_(be zero if all of it were not closed; else it is missing"}}})_"},
    {"MetricSeriesList",
     R"_({"type":"object","properties":{"series":{"type":"array","items":{"$ref":"#/compo)_"
     R"_(nents/schemas/MetricSeries"}}}})_"},
    {"MetricPoint",
     R"_({"type":"object","properties":{"at":{"type":"string","format":"date-time"},"day)_"
     R"_(":{"type":"string","format":"date"},"location":{"type":"string"},"dimensions":{)_"
     R"_("type":"object"},"value":{"type":"string"},"unit":{"type":"string"}}})_"},
    {"MetricLatest",
     R"_({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string)_"
     R"_("},"day":{"type":["string","null"],"format":"date"},"value":{"type":["string","nu)_"
     R"_(ll"]},"last_at":{"type":["string","null"],"format":"date-time","description":"The)_"
     R"_( newest point of that day"}}})_"},
    {"MetricMovers",
     R"_({"type":"object","properties":{"days":{"type":"integer"},"movers":{"type":"array)_"
     R"_(","items":{"type":"object","properties":{"metric":{"type":"string"},"unit":{"typ)_"
     R"_(e":"string"},"good_direction":{"type":"string"},"value":{"type":"string"},"befor)_"
     R"_(e":{"type":"string"},"change":{"type":["number","null"]}}}},"truncated":{"type":)_"
     R"_("boolean","description":"There are more than 1,000 metrics: the rest was not look)_"
     R"_(ed at"}}})_"},
    {"MetricQuality",
     R"_({"type":"object","description":"Of a ratio or derived metric a day is received when all )_"
     R"_(that its formula of that day follows from are, and points are counted of all that it )_"
     R"_(follows from","properties":{"from":{"type":"string"},"to":{"type":"string"},")_"
     R"_(expected_days":{"type":"integer"},"received_days":{"type":"integer"},"completene)_"
     R"_(ss":{"type":"number"},"points":{"type":"integer"},"late_points":{"type":"integer)_"
     R"_(","description":"Recorded more than 48 hours after their time"},"replaced_points":{)_"
     R"_("type":"integer","description":"How often a batch gave a point another value"},"du)_"
     R"_(plicate_points":{"type":"integer","description":"How often a batch gave a point th)_"
     R"_(e value that it had"},"gaps":{"type":"array","items":{"type":"object","properties")_"
     R"_(:{"from":{"type":"string"},"to":{"type":"string"},"days":{"type":"integer"}}}}}})_"},
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
    {"Alert", R"_({"type":"object","description":"Judged are days that every place with points )_"
              R"_(in the last week is past, and days that had two more to come. It is resolved )_"
              R"_(by the first period that is not beyond, or by the one that raised it when that )_"
              R"_(is corrected","properties":{"rule":{"type":"string","format":"uuid"},"name")_"
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
};

}  // namespace

std::span<const Schema> metric_schemas() { return metric_bodies; }

}  // namespace http
