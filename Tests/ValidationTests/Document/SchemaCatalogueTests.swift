import Exchange
import Foundation
import Testing

@testable import Validation

@Suite struct SchemaCatalogueTests {
    private let scratch: DocumentScratch

    init() throws { scratch = try DocumentScratch() }

    private static func schema(_ content: String) -> String {
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\(content)</xs:schema>"
    }

    private static let simple = schema("<xs:element name=\"A\" type=\"xs:integer\"/>")

    private func fault() -> SchemaFault? {
        do throws(SchemaFault) {
            _ = try SchemaCatalogue.load(from: scratch.path)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a missing directory is told`() {
        #expect(throws: SchemaFault.directoryMissing("/nowhere/schemas")) {
            try SchemaCatalogue.load(from: "/nowhere/schemas")
        }
        #expect(SchemaFault.directoryMissing("/nowhere").sentence.contains("/nowhere"))
    }

    @Test func `a directory without schemas is told`() throws {
        try scratch.write("nothing", to: "readme.txt")
        #expect(fault() == .noSchemas(scratch.path))
    }

    @Test func `names are those of the files, sorted`() throws {
        try scratch.write(Self.simple, to: "B_20231.xsd")
        try scratch.write(Self.simple, to: "A_20231.xsd")
        try scratch.write("no schema", to: ".hidden.xsd")
        #expect(try SchemaCatalogue.load(from: scratch.path).names == ["A_20231.xsd", "B_20231.xsd"])
    }

    @Test func `a schema that is not well-formed is told with its line`() throws {
        try scratch.write(Self.simple, to: "A.xsd")
        try scratch.write(
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n<oops>\n</xs:schema>", to: "B.xsd")
        guard case .invalid("B.xsd", 3, let sentence) = fault() else {
            Issue.record("not told")
            return
        }
        #expect(sentence.contains("oops"))
    }

    @Test(arguments: [
        "<html/>", "<!DOCTYPE xs:schema [<!ENTITY a \"b\">]>\(simple)",
        schema("<xs:element name=\"A\" type=\"Missing\"/>"), schema("<xs:nonsense/>"), "",
    ])
    func `what is no schema is told at load`(text: String) throws {
        try scratch.write(text, to: "A.xsd")
        guard case .invalid("A.xsd", _, let sentence) = fault() else {
            Issue.record("not told")
            return
        }
        #expect(!sentence.isEmpty)
    }

    @Test func `in a large bundle a schema that does not compile is told at its first use`() throws {
        for number in 0..<30 { try scratch.write(Self.simple, to: "A_\(number).xsd") }
        try scratch.write(Self.schema("<xs:element name=\"B\" type=\"Missing\"/>"), to: "B_1.xsd")
        let catalogue = try SchemaCatalogue.load(from: scratch.path)
        #expect(throws: SchemaFault.self) { try catalogue.prove() }
        let path = try scratch.write(
            "<B \(DimonaSample.instance) xsi:noNamespaceSchemaLocation=\"B_1.xsd\"/>", to: "document")
        let check = DocumentCheck(catalogue: catalogue, limits: DocumentLimits())
        let name = try #require(FileName("FI"))
        #expect {
            _ = try check.check(SentFile(name, at: path), rule: .anything)
        } throws: { error in
            guard case StageFailure.deferred(let deferral) = error else { return false }
            return deferral.reason == .schemaUnavailable && deferral.sentence.contains("B_1.xsd")
        }
    }

    @Test func `no more than the limit of compiled schemas is kept, and each works again`() throws {
        let count = SchemaCatalogue.compiledLimit + 10
        for number in 0..<count { try scratch.write(Self.simple, to: "A_\(number).xsd") }
        let catalogue = try SchemaCatalogue.load(from: scratch.path)
        try catalogue.prove()
        weak var dropped: CompiledSchema?
        dropped = try catalogue.schema(named: "A_0.xsd")
        #expect(dropped != nil)
        for number in 1..<count { _ = try catalogue.schema(named: "A_\(number).xsd") }
        #expect(dropped == nil)
        #expect(try catalogue.schema(named: "A_0.xsd")?.name == "A_0.xsd")
    }

    @Test func `an include from the same directory works`() throws {
        try scratch.write(
            Self.schema("<xs:include schemaLocation=\"types.xsd\"/><xs:element name=\"A\" type=\"T\"/>"),
            to: "A_1.xsd")
        try scratch.write(
            Self.schema("<xs:simpleType name=\"T\"><xs:restriction base=\"xs:integer\"/></xs:simpleType>"),
            to: "types.xsd")
        let bench = try DocumentBench(schemas: scratch.path)
        let rule = PurposeRule.rule("AAAA", ["A"], [])
        func document(_ value: String) -> String {
            "<A \(DimonaSample.instance) xsi:noNamespaceSchemaLocation=\"A_1.xsd\">\(value)</A>"
        }
        #expect(try bench.codes(document("12"), as: rule).isEmpty)
        #expect(try bench.codes(document("x"), as: rule) == [312])
    }

    @Test(arguments: [
        "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/x.xsd", "sub/B.xsd",
        "missing.xsd",
        "ecluse-schema:/1/A.xsd", "", "..",
    ])
    func `a reference to anything else is refused`(reference: String) throws {
        for kind in ["include", "import namespace=\"urn:x\"", "redefine"] {
            try scratch.write(Self.schema("<xs:\(kind) schemaLocation=\"\(reference)\"/>"), to: "A.xsd")
            #expect(fault() == .outsideCatalogue(file: "A.xsd", reference: reference))
        }
    }

    @Test func `a symbolic link may not lead out of the directory`() throws {
        let elsewhere = try DocumentScratch()
        let target = try elsewhere.write(Self.simple, to: "A.xsd")
        let link = scratch.path + "/A.xsd"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        guard case .outsideCatalogue("A.xsd", _) = fault() else {
            Issue.record("followed")
            return
        }
        try FileManager.default.removeItem(atPath: link)
        try scratch.write(Self.simple, to: "B.xsd")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "B.xsd")
        #expect(try SchemaCatalogue.load(from: scratch.path).names == ["A.xsd", "B.xsd"])
    }

    @Test func `libxml2 itself gets no file and no connection, even past the scan`() throws {
        let listener = try SchemaListener()
        try scratch.write(Self.simple, to: "secret.xsd")
        for reference in [
            "http://127.0.0.1:\(listener.port)/x.xsd", scratch.path + "/secret.xsd", "../../etc/passwd",
        ] {
            let include = Self.schema(
                "<xs:include schemaLocation=\"\(reference)\"/><xs:element name=\"B\" type=\"xs:int\"/>")
            let library = SchemaLibrary(["B.xsd": Array(include.utf8)])
            #expect(throws: SchemaFault.self) { try CompiledSchema.make("B.xsd", from: library) }
        }
        #expect(listener.hasNoCaller)
    }

    @Test func `neither a document nor a schema that names a server reaches it`() throws {
        let listener = try SchemaListener()
        let server = "http://127.0.0.1:\(listener.port)"
        try scratch.write(
            Self.schema("<xs:import namespace=\"urn:x\" schemaLocation=\"\(server)/x.xsd\"/>"), to: "A.xsd")
        #expect(fault() == .outsideCatalogue(file: "A.xsd", reference: "\(server)/x.xsd"))
        let bench = try DocumentBench()
        for document in [
            "<!DOCTYPE a SYSTEM \"\(server)/a.dtd\"><a/>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"\(server)/x\">]><a>&x;</a>",
            "<a \(DimonaSample.instance) xsi:schemaLocation=\"urn:x \(server)/x.xsd\" xmlns=\"urn:x\"/>",
            "<a \(DimonaSample.instance) xsi:noNamespaceSchemaLocation=\"\(server)/x.xsd\"/>",
            "<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"\(server)/x\"/></a>",
        ] {
            _ = try bench.findings(document, as: .anything)
            _ = try bench.findings(document, as: .dimona)
        }
        #expect(listener.hasNoCaller)
        try listener.call()
        #expect(!listener.hasNoCaller, "the listener can see a caller")
    }
}

/// A listening socket on a free loopback port.
final class SchemaListener {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = SchemaListener.address(port: 0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0 && listen(descriptor, 5) == 0)
        var length = size
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        try #require(named == 0)
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Nobody has connected since the last call.
    var hasNoCaller: Bool {
        let caller = accept(descriptor, nil, nil)
        if caller >= 0 { close(caller) }
        return caller < 0
    }

    func call() throws {
        let caller = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(caller) }
        var address = SchemaListener.address(port: port)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(caller, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
