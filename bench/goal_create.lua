-- Goal creation as wrk sends it: a new Idempotency-Key each time. Arguments: token, run.
local body = '{"title":"More regulars","specific":{"description":"Turn one-time guests into regulars' ..
    ' with a card.","focus_area":"sales"},"measurable":{"metric":"regular_guests","direction":' ..
    '"increase","baseline":"120","target_value":"200","unit":"count"},"time_bound":{"start_date":' ..
    '"2026-01-01","target_date":"2030-12-31"}}'
local count = 0
local run, headers

function init(args)
    run = args[2]
    headers = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
end

function request()
    count = count + 1
    headers["Idempotency-Key"] = run .. "-" .. count
    return wrk.format("POST", nil, headers, body)
end

function done(summary, latency, requests)
    io.write(string.format("RESULT %.0f %.3f %.3f %d\n",
        summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
        latency:percentile(99) / 1000, summary.errors.status))
end
