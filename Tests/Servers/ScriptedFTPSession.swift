internal import Foundation
internal import Glibc

/// One control connection of a scripted server. One thread's.
final class ScriptedFTPSession {
    let control: Int32
    unowned let server: ScriptedFTPServer
    private var received: [UInt8] = []
    var passive: Int32?
    private var restart = 0
    private var renamed: String?

    init(_ control: Int32, of server: ScriptedFTPServer) {
        self.control = control
        self.server = server
    }

    deinit { closePassive() }

    var script: ScriptedFTPScript { server.script }

    func serve() {
        guard !isSilenced("") else { return }
        say("220 scripted")
        for _ in 0..<script.commandsAtMost {
            guard let line = nextLine() else { return }
            server.note(line)
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            let verb = parts[0].uppercased()
            guard !isSilenced(verb) else { return }
            if answerEndlessly(verb) { return }
            if let answer = script.answers[verb] {
                say(answer)
            } else if !obey(verb, parts.count > 1 ? String(parts[1]) : "") {
                return
            }
        }
    }

    /// Says nothing until the peer goes away.
    private func isSilenced(_ verb: String) -> Bool {
        guard script.silence.contains(verb) else { return false }
        ScriptedFTPSocket.awaitEnd(of: control)
        return true
    }

    private func answerEndlessly(_ verb: String) -> Bool {
        if script.endlessAnswer == verb {
            let piece = [UInt8](repeating: 0x61, count: 1000)
            _ = ScriptedFTPSocket.send(Array("200-".utf8), to: control)
            while ScriptedFTPSocket.send(piece, to: control) { usleep(1000) }
            return true
        }
        guard script.endlessLines == verb else { return false }
        while ScriptedFTPSocket.send(Array("200-and then\r\n".utf8), to: control) {}
        return true
    }

    /// False when the connection is to be closed.
    private func obey(_ verb: String, _ argument: String) -> Bool {
        let name = argument.split(separator: "/").last.map(String.init) ?? argument
        switch verb {
        case "USER": say("331 password?")
        case "PASS": say("230 come in")
        case "PWD": say("257 \"/\"")
        case "FEAT":
            let isMachine = if case .machine = script.listing { true } else { false }
            say("211-Features:\r\n SIZE\r\n\(isMachine ? " MLST type*;size*;modify*;\r\n" : "")211 End")
        case "TYPE", "OPTS", "NOOP": say("200 fine")
        case "CWD": say("250 fine")
        case "REST":
            restart = Int(argument) ?? 0
            say("350 from there")
        case "SIZE":
            guard let file = server.files[name] else { return refuse(name) }
            say("213 \(script.size ?? UInt64(file.count))")
        case "DELE":
            guard server.files[name] != nil else { return refuse(name) }
            server.change { $0[name] = nil }
            say("250 gone")
        case "MKD": say("257 \"\(argument)\"")
        case "RNFR":
            guard server.files[name] != nil else { return refuse(name) }
            renamed = name
            say("350 to what?")
        case "RNTO": rename(to: name)
        case "EPSV", "PASV": openPassive(isExtended: verb == "EPSV")
        case "MLSD", "LIST", "NLST": return list(verb)
        case "RETR":
            guard let file = server.files[name] else { return refuse(name) }
            defer { restart = 0 }
            return give(Array(file.dropFirst(restart)))
        case "STOR", "APPE": return take(name, isAppended: verb == "APPE")
        case "QUIT":
            say("221 bye")
            return false
        default: say("500 \(verb) is unknown")
        }
        return true
    }

    private func refuse(_ name: String) -> Bool {
        say("550 \(name): No such file or directory")
        return true
    }

    private func rename(to name: String) {
        guard let renamed else { return say("503 RNFR first") }
        self.renamed = nil
        if script.refusesReplacement, server.files[name] != nil { return say("553 \(name) is in the way") }
        server.change {
            $0[name] = $0[renamed]
            $0[renamed] = nil
        }
        say("250 renamed")
    }

    func say(_ line: String) { _ = ScriptedFTPSocket.send(Array("\(line)\r\n".utf8), to: control) }

    private func nextLine() -> String? {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                let line = received[..<end].filter { $0 != 0x0D }
                received.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            let more = ScriptedFTPSocket.receive(from: control)
            if more.isEmpty { return nil }
            received += more
        }
    }
}
