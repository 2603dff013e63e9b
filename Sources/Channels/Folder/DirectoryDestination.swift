public import Exchange
internal import Glibc

/// Delivers sets as directories: `<destination>/<ticket>/` appears complete in one rename, holding the FI files under
/// their own names and `manifest.json`.
///
/// A set is never delivered twice, even when the back-end took the directory away before a crash: `.delivering-<ticket>`
/// is there from the moment the staged directory is complete until the ledger has the delivery, so "marker, but no
/// staged directory" means that the rename took place.
public struct DirectoryDestination: Destination {
    private let path: String
    private let isLinking: Bool

    /// - Parameters:
    ///   - path: made when missing, at the first delivery.
    ///   - linking: whether a delivered file may be a second name of the held one, which saves writing it again; the
    ///     two are then the same bytes as long as both are there.
    public init(path: String, linking: Bool = true) {
        self.path = path
        isLinking = linking
    }

    public func deliver(_ delivery: Delivery) throws(Deferral) {
        try deliverTogether([delivery])
    }

    /// With two syncs of the destination for all of them. When that fails, each for itself tells which it is that fails.
    public func deliver(_ deliveries: [Delivery]) -> Delivered {
        do {
            try deliverTogether(deliveries)
            return Delivered(count: deliveries.count)
        } catch {
            return deliveries.count > 1 ? deliverSingly(deliveries) : Delivered(count: 0, deferral: error)
        }
    }

    private func deliverTogether(_ deliveries: [Delivery]) throws(Deferral) {
        do {
            try place(deliveries, in: OpenDirectory(path: path, making: true))
        } catch {
            throw Deferral(.destinationUnavailable, "The destination \(path) did not take the set: \(error)")
        }
    }

    public func confirm(_ tickets: [Ticket]) {
        guard let directory = try? OpenDirectory(path: path, making: false) else { return }
        for ticket in tickets {
            guard let marker = FileName(DirectoryDestination.marker(of: ticket)) else { continue }
            try? directory.remove(marker)
        }
    }

    private func place(_ deliveries: [Delivery], in directory: OpenDirectory) throws {
        var staged: [Ticket] = []
        var isRepeated = false
        for delivery in deliveries {
            let stage = DirectoryDestination.stage(of: delivery.ticket)
            if try directory.exists(DirectoryDestination.marker(of: delivery.ticket)) {
                isRepeated = true
                // Complete, and renamed already when it is not there.
                if try directory.exists(stage) { staged.append(delivery.ticket) }
            } else {
                try self.stage(delivery, in: directory)
                staged.append(delivery.ticket)
            }
        }
        // A sync of the earlier attempt may have failed, and one with nothing to write succeeds and proves nothing.
        if isRepeated { try directory.writeAnew() }
        // Also what was staged before: that sync may have failed.
        if !staged.isEmpty { try directory.sync() }
        for ticket in staged {
            try directory.rename(DirectoryDestination.stage(of: ticket), to: ticket.description)
        }
        try directory.sync()
    }

    private func stage(_ delivery: Delivery, in directory: OpenDirectory) throws {
        let name = DirectoryDestination.stage(of: delivery.ticket)
        try directory.removeDirectory(name)
        let stage = try directory.directory(name, making: true)
        try fill(stage, with: delivery)
        // A second name of the manifest: a marker costs no file of its own.
        try stage.link(
            "manifest.json", into: directory, as: DirectoryDestination.marker(of: delivery.ticket))
    }

    private func fill(_ staged: OpenDirectory, with delivery: Delivery) throws {
        for file in delivery.files {
            // The held file is durable and never written again: a second name for it is as good as a copy.
            if try isLinking && staged.link(file.path, as: file.name.escaped) { continue }
            let source = open(file.path, O_RDONLY | O_CLOEXEC)
            guard source >= 0 else { throw OpenDirectory.Fault(call: "open held file", code: errno) }
            defer { close(source) }
            try staged.write(file.name.escaped) { write in
                try FileChunks.read(source) { try write($0) }
            }
        }
        try staged.write("manifest.json") { write in
            try delivery.manifest.withUnsafeBytes { try write($0) }
        }
        try staged.sync()
    }

    private static func stage(of ticket: Ticket) -> String { ".staged-\(ticket)" }

    private static func marker(of ticket: Ticket) -> String { ".delivering-\(ticket)" }
}
