internal import Channels

extension Perseverance {
    /// Runs requests of a web service again and again, as long as patience lasts.
    func run<Result>(
        at address: String, _ body: () throws(RemoteFault) -> Result
    ) throws(RemoteFault) -> Result {
        begin()
        while true {
            do {
                let result = try body()
                noteProgress()
                return result
            } catch {
                if error.refusal != nil { noteContact() }
                try wait(after: error, at: address, least: error.refusal?.retryAfter ?? 0)
            }
        }
    }
}
