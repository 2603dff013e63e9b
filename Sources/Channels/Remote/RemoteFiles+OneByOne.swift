/// Servers where nothing is gained by asking for several things at once.
extension RemoteFiles {
    public var filesAtOnce: Int { 1 }

    public func writeAll(
        _ sets: [[RemoteUpload]], done: (_ set: Int, _ refusal: RemoteFault?) throws -> Void
    ) throws(RemoteFault) {
        for (set, files) in sets.enumerated() {
            let refusal = try refusal { () throws(RemoteFault) in
                for file in files { try write(file.path, from: 0, file.give) }
            }
            do {
                try done(set, refusal)
            } catch {
                close()
                throw RemoteFault(.stopped, "stopped here: \(error)", cause: error)
            }
        }
    }

    public func sizes(of paths: [RemotePath]) throws(RemoteFault) -> [Result<UInt64?, RemoteFault>] {
        var sizes: [Result<UInt64?, RemoteFault>] = []
        for path in paths {
            var size: UInt64?
            let refusal = try refusal { () throws(RemoteFault) in size = try self.size(of: path) }
            sizes.append(refusal.map(Result.failure) ?? .success(size))
        }
        return sizes
    }

    /// What does not break the connection.
    private func refusal(_ body: () throws(RemoteFault) -> Void) throws(RemoteFault) -> RemoteFault? {
        do throws(RemoteFault) {
            try body()
            return nil
        } catch {
            guard !error.breaksConnection else { throw error }
            return error
        }
    }
}
