internal import Channels
internal import Exchange
internal import Foundation
internal import Validation

/// Waits for the receipt of a set at a web service, and judges it. One thread's.
struct WebReceipts {
    let service: WebService
    let perseverance: Perseverance
    let settings: SubmissionSettings
    let timing: Timing

    /// Bytes of a receipt or its signature at the most.
    private static let longest = 1_048_576
    /// Seconds one request waits; services grant so much and cut what is longer.
    private static let longestWait = 30.0
    /// Seconds between requests to a service that does not wait.
    private static let pause = 1.0

    /// - Parameter sentAt: by the submission's clock.
    func verdict(on ticket: String, of set: OutgoingSet, sentAt: Double) -> SetVerdict {
        do throws(RemoteFault) {
            guard let shown = try answered(ticket, until: sentAt + settings.wait), let receipt = shown.receipt
            else {
                let time = Quantity.duration(settings.wait)
                return .unknown("it was sent with ticket \(ticket), and no receipt came within \(time)")
            }
            guard let name = AnswerName(Array("FO.\(receipt.id)".utf8)) else {
                throw RemoteFault(.garbled, "the service names a receipt that is none")
            }
            return try judge(name, of: set, isEarlier: shown.repeats != nil)
        } catch {
            return .unknown("it was sent with ticket \(ticket): \(error.clause)")
        }
    }

    /// Asks at least once: a set whose time went by while another was waited for may have its receipt all the same.
    private func answered(_ ticket: String, until end: Double) throws(RemoteFault) -> WebSet? {
        while true {
            let asked = timing.now()
            let rest = end - asked
            let wait = Int(max(1, min(rest, WebReceipts.longestWait)))
            let preference: WebService.Headers = rest > 0 ? [("Prefer", "wait=\(wait)")] : []
            let shown = try perseverance.run(at: service.address) { () throws(RemoteFault) in
                try service.read(WebSet.self, "/v1/sets/\(ticket)", preference)
            }
            if shown.receipt != nil { return shown }
            guard end > timing.now() else { return nil }
            if timing.now() - asked < WebReceipts.pause { timing.pause(WebReceipts.pause) }
        }
    }

    private func judge(_ name: AnswerName, of set: OutgoingSet, isEarlier: Bool) throws(RemoteFault)
        -> SetVerdict
    {
        let document = try bytes("/v1/answers/\(name.stem)/FO")
        let signature = try bytes("/v1/answers/\(name.stem)/FS")
        let text = name.text(of: .document)
        do {
            let proof = try ReceiptSignature.verify(
                signature, over: document, trust: settings.trust, at: Date())
            guard let receipt = try Receipt.forms(in: document).first(where: { set.isNamed(by: $0.fileName) })
            else {
                return .failed("the receipt \(text) is about another set")
            }
            let received = ReceivedReceipt(
                receipt: receipt, document: text, signature: proof, isEarlier: isEarlier)
            return receipt.isAccepted ? .accepted(received) : .refused(received)
        } catch let fault as ReceiptSignatureFault {
            return .failed("the receipt \(text) cannot be believed: \(fault.sentence)")
        } catch {
            return .failed("the receipt \(text) cannot be read: \(error)")
        }
    }

    private func bytes(_ path: String) throws(RemoteFault) -> [UInt8] {
        try perseverance.run(at: service.address) { () throws(RemoteFault) in
            var bytes: [UInt8] = []
            try service.fetch(path, atMost: UInt64(WebReceipts.longest)) { bytes.append(contentsOf: $0) }
            return bytes
        }
    }
}
