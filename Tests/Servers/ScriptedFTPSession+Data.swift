internal import Foundation
internal import Glibc

// The data connections, which the peer opens.
extension ScriptedFTPSession {
    func openPassive(isExtended: Bool) {
        if isExtended, script.misleadsPassive { return say("500 EPSV is unknown") }
        closePassive()
        guard let (descriptor, port) = ScriptedFTPSocket.listening(isIPv6: script.isIPv6),
            server.own(descriptor)
        else {
            return say("425 no port")
        }
        passive = descriptor
        // 203.0.113.1 is nobody's (RFC 5737).
        let host = script.misleadsPassive ? "203,0,113,1" : "127,0,0,1"
        say(isExtended ? "229 (|||\(port)|)" : "227 (\(host),\(port >> 8),\(port & 255))")
    }

    func closePassive() {
        if let passive { server.disown(passive) }
        passive = nil
    }

    func list(_ verb: String) -> Bool {
        if verb == "MLSD", case .machine = script.listing {
        } else if verb == "MLSD" {
            say("500 MLSD is unknown")
            return true
        }
        var entries = server.files.map { ($0.key, script.size ?? UInt64($0.value.count)) }
        for number in 0..<script.emptyFiles { entries.append(("empty-\(number)", 0)) }
        var lines = entries.map { line(verb, $0.0, $0.1) + "\r\n" }
        if verb == "MLSD", server.spoilsListings { lines.insert("unreadable\r\n", at: 0) }
        return give(Array(lines.joined().utf8))
    }

    private func line(_ verb: String, _ name: String, _ size: UInt64) -> String {
        switch (verb, script.listing) {
        case ("NLST", _): name
        case ("MLSD", _): "Type=file;Size=\(size);Modify=20261121122501; \(name)"
        case (_, .machine), (_, .unix): "-rw-r--r--   1 owner group \(size) Nov 21 12:25 \(name)"
        case (_, .dos): "11-21-26  12:25PM \(size) \(name)"
        case (_, .namesOnly): "[\(name)] owned by somebody, \(size) bytes or so"
        }
    }

    /// False when the connection is to be closed.
    func give(_ bytes: [UInt8]) -> Bool {
        guard let data = acceptData() else { return true }
        defer { server.disown(data) }
        guard let (limit, end) = script.dataEnd, bytes.count > limit else {
            _ = ScriptedFTPSocket.send(bytes, to: data)
            shutdown(data, Int32(SHUT_WR))
            say("226 sent")
            return true
        }
        _ = ScriptedFTPSocket.send(bytes.prefix(limit), to: data)
        switch end {
        case .broken:
            shutdown(data, Int32(SHUT_RDWR))
            say("426 broken off")
        case .brokenButPraised:
            shutdown(data, Int32(SHUT_RDWR))
            say("226 sent")
        case .stall:
            ScriptedFTPSocket.awaitEnd(of: data)
        case .trickle:
            for byte in bytes.dropFirst(limit) {
                guard ScriptedFTPSocket.send([byte], to: data) else { break }
                usleep(100_000)
            }
        case .hangUp:
            return false
        }
        return true
    }

    func take(_ name: String, isAppended: Bool) -> Bool {
        guard let data = acceptData() else { return true }
        defer { server.disown(data) }
        var bytes: [UInt8] = isAppended ? server.files[name] ?? [] : []
        while true {
            let more = ScriptedFTPSocket.receive(from: data)
            if more.isEmpty { break }
            bytes += more
            guard let (limit, end) = script.dataEnd, bytes.count > limit else { continue }
            if case .stall = end {
                ScriptedFTPSocket.awaitEnd(of: control)
                return false
            }
            break
        }
        let complete = bytes
        server.change { $0[name] = complete }
        guard let (limit, _) = script.dataEnd, complete.count > limit else {
            say("226 stored")
            return true
        }
        say("426 broken off")
        return true
    }

    private func acceptData() -> Int32? {
        guard let passive else {
            say("425 EPSV first")
            return nil
        }
        say("150 here it comes")
        let data = accept(passive, nil, nil)
        closePassive()
        return data >= 0 && server.own(data) ? data : nil
    }
}
