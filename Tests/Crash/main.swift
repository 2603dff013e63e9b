import Foundation
import Glibc

// The crash campaign: plays seeds under faults from outside and looks at what is left. scripts/crash runs it.
//
//     CrashCampaign campaign FIRST-LAST DIRECTORY LIBRARY REPOSITORY JOBS SECONDS
//     CrashCampaign play|recover SEED GROUND TEMPLATE          its own children

let arguments = Array(CommandLine.arguments.dropFirst())

/// One line at once, so that what several threads say is not mixed up.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
}

func campaign(_ arguments: [String]) throws -> Int32 {
    let bounds = arguments[0].split(separator: "-").compactMap { Int($0) }
    guard let first = bounds.first, let last = bounds.last, 1 <= first, first <= last,
        let jobs = Int(arguments[4]),
        let seconds = Double(arguments[5])
    else { throw CampaignFault("usage: campaign FIRST-LAST DIRECTORY LIBRARY REPOSITORY JOBS SECONDS") }
    let base = arguments[1]
    try? FileManager.default.removeItem(atPath: base + "/template")
    let template = try Template.make(at: base + "/template", repository: arguments[3])
    let begun = Date()
    let campaign = Campaign(first...last, template, base: base, library: arguments[2], seconds: seconds)
    let sum = try campaign.run(jobs: jobs)
    let taken = -begun.timeIntervalSinceNow
    say(
        "\(sum.seeds) seeds of \(first)-\(last) in \(Int(taken)) s, \(Int(taken * 1000) / max(1, sum.seeds)) ms each"
    )
    say(
        "\(sum.sets) sets, \(sum.acknowledged) GOs acknowledged, \(sum.kills) kills, \(sum.unmet) seeds met no fault"
    )
    for (fault, count) in sum.faults.sorted(by: { $0.key < $1.key }) { say("    \(fault): \(count)") }
    say(sum.failed.isEmpty ? "none failed" : "\(sum.failed.count) failed: \(sum.failed.sorted())")
    return sum.failed.isEmpty ? 0 : 1
}

do {
    switch arguments.first {
    case "campaign" where arguments.count == 7: exit(try campaign(Array(arguments.dropFirst())))
    case "play" where arguments.count == 4:
        try Player.play(Int(arguments[1]) ?? 0, Ground(path: arguments[2]), Template(path: arguments[3]))
    case "recover" where arguments.count == 4:
        try Player.recover(Ground(path: arguments[2]), Template(path: arguments[3]))
    default: throw CampaignFault("see main.swift")
    }
} catch {
    // A child that could not open its spool because of the fault is no news.
    if arguments.first == "campaign" || ProcessInfo.processInfo.environment["CRASH_LOG"] != nil {
        say("\(error)")
    }
    // Not `exit`: threads are still at work in an instance that was not closed, with what that would take apart.
    _exit(2)
}
