internal import Exchange

@testable internal import WebChannel

extension FuzzTarget {
    /// A multipart body with the boundary `b`, in pieces of the size that the first byte says.
    ///
    /// Proves: parts, names and bytes are the same however the body is cut, up to the same fault; there are at most
    /// 40 parts, begun and ended by turns, and none has a name with a path in it; the bytes of a file come out as they
    /// went in, whatever they are, as long as its boundary is not in them.
    static let multipart = FuzzTarget(name: "multipart", longest: 4096) {
        [[UInt8]](
            texts:
                "\u{5}--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"GO.DMFA\"\r\n\r\nbytes\r\n--b--\r\n",
            "\u{1}text before\r\n--b \t\r\ncontent-disposition: attachment;\r\n filename*=UTF-8''GO%2EDMFA\r\n"
                + "Content-Type: text/xml; charset=utf-8\r\nContent-Transfer-Encoding: binary\r\n\r\n\r\n--b\r\n"
                + "Content-Disposition: form-data; filename=a\r\n\r\n--b--after")
    } prove: { input in
        var bytes = Bytes(input)
        let size = Int(bytes.byte())
        let body = Array(bytes.rest)
        let whole = read([body])
        let cut = read(body.pieces(of: size))
        hold(
            whole.fault == cut.fault, "\(String(describing: whole.fault)) or \(String(describing: cut.fault))"
        )
        // A fault ends the piece it is in: of a body in one piece nothing was given out.
        hold(whole.fault != nil || whole.events == cut.events, "the parts depend on how the body was cut")
        judge(cut.events)
        proveRoundTrip(of: body, in: size)
    }

    /// What a body says, with neighbouring bytes put together.
    private static func read(_ pieces: [[UInt8]]) -> (events: [MultipartParser.Event], fault: MultipartFault?)
    {
        guard let boundary = MultipartBoundary([0x62]) else { return ([], .boundary) }
        var parser = MultipartParser(boundary)
        var events: [MultipartParser.Event] = []
        do throws(MultipartFault) {
            for piece in pieces {
                for event in try parser.read(piece) {
                    if case .bytes(let more) = event, case .bytes(let known)? = events.last {
                        events[events.count - 1] = .bytes(ArraySlice(Array(known + more)))
                    } else {
                        events.append(event)
                    }
                }
            }
            try parser.finish()
        } catch {
            return (events, error)
        }
        return (events, nil)
    }

    private static func judge(_ events: [MultipartParser.Event]) {
        var parts = 0
        var isOpen = false
        for event in events {
            switch event {
            case .begin(let part):
                parts += 1
                hold(!isOpen, "a part inside a part")
                hold((1...80).contains(part.name.bytes.count), "a name of \(part.name.bytes.count) bytes")
                hold(!part.name.bytes.contains { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C }, "a path for a name")
                isOpen = true
            case .bytes: hold(isOpen, "bytes of no part")
            case .end:
                hold(isOpen, "the end of no part")
                isOpen = false
            }
        }
        hold(parts <= 40, "\(parts) parts")
    }

    private static func proveRoundTrip(of file: [UInt8], in size: Int) {
        let head = "--b\r\nContent-Disposition: form-data; filename=GO\r\n\r\n"
        let (first, last) = (Array(head.utf8), Array("\r\n--b--".utf8))
        guard
            !(Array("\r\n".utf8) + file + last.dropLast()).contains(
                Array("\r\n--b".utf8), before: file.count + 2)
        else { return }
        let (events, fault) = read((first + file + last).pieces(of: size))
        hold(fault == nil && events.count == (file.isEmpty ? 2 : 3), "a body of one file is not read")
        guard !file.isEmpty, case .bytes(let read) = events[1] else { return }
        hold(read.elementsEqual(file), "the bytes of a file have changed")
    }
}

extension [UInt8] {
    /// Whether the word begins anywhere before this place.
    fileprivate func contains(_ word: [UInt8], before end: Int) -> Bool {
        indices.prefix(end).contains { self[$0...].starts(with: word) }
    }
}
