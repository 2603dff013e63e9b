import Exchange
import Foundation
import Synchronization
import Testing

@testable import SenderClient

@Suite struct ProgressTests {
    @Test(arguments: [
        (UInt64(0), "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9951, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"), (35_000_000, "35 MB"), (UInt64.max, "18447 PB"),
    ])
    func `bytes are written in three figures`(count: UInt64, text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    @Test(arguments: [
        (0, "0 s"), (0.2, "1 s"), (59, "59 s"), (59.5, "1:00"), (187, "3:07"), (3723, "1:02:03"), (-5, "0 s"),
        (1e12, "> 99 h"), (Double.infinity, "> 99 h"), (Double.nan, "> 99 h"),
    ])
    func `durations are written as clocks show them`(seconds: Double, text: String) {
        #expect(Quantity.duration(seconds) == text)
    }

    @Test(arguments: [
        ("0", 0.0), ("90", 90), ("30s", 30), ("5m", 300), ("168h", 604_800), ("169h", nil), ("", nil),
        ("m", nil),
        ("-5m", nil), ("1.5h", nil), ("5d", nil), ("9999999s", nil), ("5 m", nil),
    ])
    func `times to wait are read with their unit`(text: String, seconds: Double?) {
        #expect(Quantity.seconds(text) == seconds)
    }

    private let half = ProgressLine(.init(done: 1_400_000, total: 2_800_000, rate: 700_000))

    @Test func `a line shows bar, share, bytes, rate and time left`() {
        let text = half.text(width: 100)
        #expect(text.hasSuffix("  50%  1.4 MB of 2.8 MB  700 kB/s  2 s left"))
        #expect(text.hasPrefix("[####################....................]"))
    }

    @Test func `a line never reaches the last column, however narrow`() {
        for width in 0...200 {
            #expect(half.text(width: width).count <= max(0, width - 1))
        }
        #expect(half.text(width: 40).hasPrefix(" 50%"))
    }

    @Test func `a line knows its ends`() {
        #expect(ProgressLine(.init(done: 0, total: 0, rate: nil)).text(width: 80).contains("100%"))
        let over = ProgressLine(.init(done: 11, total: 10, rate: 5)).text(width: 80)
        #expect(over.contains("100%") && !over.contains("left"))
        #expect(!ProgressLine(.init(done: 1, total: 10, rate: nil)).text(width: 80).contains("/s"))
        #expect(!ProgressLine(.init(done: 1, total: 10, rate: 0)).text(width: 80).contains("left"))
        #expect(
            ProgressLine(.init(done: 1, total: .max, rate: .greatestFiniteMagnitude)).text(width: 80)
                .contains("/s"))
    }

    @Test func `the rate is that of the last seconds`() {
        var rate = TransferRate()
        #expect(rate.bytesPerSecond == nil)
        rate.note(0, at: 0)
        rate.note(10, at: 0.01)
        #expect(rate.bytesPerSecond == nil)
        for second in 1...20 { rate.note(UInt64(second) * 100, at: Double(second)) }
        for second in 21...40 { rate.note(2000 + UInt64(second - 20) * 1000, at: Double(second)) }
        #expect(rate.bytesPerSecond == 1000)
        rate.note(0, at: 41)
        #expect(rate.bytesPerSecond == nil)
    }

    @Test func `a meter counts what a cut took back`() throws {
        let readings = Mutex<[TransferMeter.Reading]>([])
        let meter = TransferMeter(total: 30, now: { 0 }) { reading in readings.withLock { $0.append(reading) }
        }
        let first = try #require(FileName("FI.A"))
        let second = try #require(FileName("FI.B"))
        meter.place(first, at: 10)
        meter.place(second, at: 20)
        meter.place(first, at: 4)
        #expect(readings.withLock { $0.map(\.done) } == [10, 30, 24])
        #expect(readings.withLock { $0.last?.total } == 30)
    }

    /// What a screen writes, to a pipe.
    private func written(_ manner: ProgressScreen.Manner, _ body: (ProgressScreen, TestTime) -> Void) throws
        -> String
    {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let time = TestTime()
        body(ProgressScreen(on: ends[1], manner: manner, timing: time.timing), time)
        close(ends[1])
        let handle = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test func `a bar is drawn at most ten times a second and makes room for words`() throws {
        let file = try #require(FileName("FI.A"))
        let text = try written(.bar) { screen, time in
            let meter = screen.meter(total: 100)
            for done in 1...100 {
                meter.place(file, at: UInt64(done))
                time.timing.pause(0.01)
            }
            screen.tell("words")
            screen.clear()
        }
        let drawings = text.components(separatedBy: "\r\u{1B}[K").count - 1
        #expect((9...12).contains(drawings))
        #expect(text.hasSuffix("\r\u{1B}[Kwords\n"))
    }

    @Test func `without a terminal there are lines only, and in silence nothing`() throws {
        let file = try #require(FileName("FI.A"))
        func use(_ screen: ProgressScreen, _ time: TestTime) {
            screen.meter(total: 100).place(file, at: 10)
            screen.tell("words")
            screen.clear()
        }
        #expect(try written(.lines, use) == "words\n")
        #expect(try written(.silent, use) == "")
    }

    @Test func `without a terminal a long transfer says every ten seconds how far it is`() throws {
        let file = try #require(FileName("FI.A"))
        func use(_ screen: ProgressScreen, _ time: TestTime) {
            let meter = screen.meter(total: 100)
            for done in 1...25 {
                time.timing.pause(1)
                meter.place(file, at: UInt64(done))
                if done == 15 { screen.tell("words") }
                screen.clear()
            }
        }
        let lines = [
            " 10%  10 B of 100 B  1 B/s  1:30 left", "words", " 20%  20 B of 100 B  1 B/s  1:20 left",
        ]
        #expect(try written(.lines, use) == lines.map { $0 + "\n" }.joined())
        #expect(try written(.silent, use) == "")
    }
}
