import Exchange
import Foundation
import Testing
import Validation

@testable import SenderClient

@Suite struct SetGroupingTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func paths(_ names: String...) throws -> [String] {
        try names.map { try scratch.write("content", to: $0) }
    }

    @Test func `files are grouped into sets in the order met, parts in the order of their numbers`() throws {
        let sets = try SetGrouping.sets(
            at: paths(
                TestSets.name("00002", 2, 2), TestSets.name("00001"), TestSets.name("00002", 2, 1),
                "FI.WECH.006400.20230420.00003.R"))
        #expect(
            sets.map { $0.name.triggerName?.escaped } == [
                "GO.DMFA.006400.20230420.00002.R.2", "GO.DMFA.006400.20230420.00001.R.1",
                "GO.WECH.006400.20230420.00003.R",
            ])
        #expect(
            sets[0].declarations.map(\.name.escaped) == [
                TestSets.name("00002", 2, 1), TestSets.name("00002", 2, 2),
            ])
        #expect(sets[0].declarations[0].size == 7)
        #expect(
            sets[0].declarations[0].signaturePath
                == scratch.file("FS" + TestSets.name("00002", 2, 1).dropFirst(2)))
    }

    @Test func `FS, GO and TD files that come along say nothing by themselves`() throws {
        let name = TestSets.name("00001")
        let stem = name.dropFirst(2)
        let all = try paths(name, "FS" + stem, "GO" + stem.dropLast(2), "TD" + stem.dropLast(2))
        #expect(try SetGrouping.sets(at: all).map(\.declarations.count) == [1])
        #expect(throws: SetGrouping.Fault.self) { try SetGrouping.sets(at: Array(all.dropFirst())) }
    }

    @Test func `a directory stands for the FI files right in it`() throws {
        try scratch.make("batch/older")
        try scratch.write("a", to: "batch/" + TestSets.name("00002"))
        try scratch.write("a", to: "batch/" + TestSets.name("00001"))
        try scratch.write("a", to: "batch/notes.txt")
        try scratch.write("a", to: "batch/older/" + TestSets.name("00003"))
        let sets = try SetGrouping.sets(at: [scratch.file("batch")])
        #expect(sets.map(\.name.sequence) == ["00001", "00002"])
        try scratch.write("a", to: "batch/FI.DMFA.6400.x")
        #expect(throws: SetGrouping.Fault.self) { try SetGrouping.sets(at: [scratch.file("batch")]) }
    }

    @Test(arguments: [
        ([TestSets.name("00001", 2, 1)], "parts 2 is missing"),
        ([TestSets.name("00001", 2, 1), TestSets.name("00001", 1, 1)], "another number of parts"),
        (["FI.DMFA.006400.20230230.00001.R.1.1"], "ACRF-110"),
        (["FI.DMFA.006400.20230420.00001.R.1.0"], "missing"),
    ])
    func `a set that the receiver would refuse for its names is not sent`(names: [String], words: String)
        throws
    {
        let paths = try names.map { try scratch.write("a", to: $0) }
        #expect {
            try SetGrouping.sets(at: paths)
        } throws: { fault in
            guard case SetGrouping.Fault.notSendable(let sentence) = fault else { return false }
            return sentence.contains(words)
        }
    }

    @Test func `the same part from two places is refused`() throws {
        try scratch.make("other")
        let first = try scratch.write("a", to: TestSets.name("00001"))
        let second = try scratch.write("b", to: "other/" + TestSets.name("00001"))
        #expect(throws: SetGrouping.Fault.self) { try SetGrouping.sets(at: [first, second]) }
    }

    @Test func `what is not there is told as that`() throws {
        #expect {
            try SetGrouping.sets(at: [scratch.file("nothing")])
        } throws: { if case SetGrouping.Fault.notFound = $0 { true } else { false } }
    }
}

@Suite struct SetSigningTests {
    private let scratch: Scratch
    private let signet: Signet

    init() throws {
        scratch = try Scratch()
        signet = try Signet()
    }

    private func declarations(environment: String = "R", signature: String? = nil) throws -> DeclarationSet {
        let name = TestSets.name("00001", environment: environment)
        let path = try scratch.write("<Dimona/>", to: name)
        if let signature { try scratch.write(signature, to: "FS" + name.dropFirst(2)) }
        return try #require(SetGrouping.sets(at: [path]).first)
    }

    private func signatures(_ set: OutgoingSet) -> [[UInt8]] {
        set.files.dropFirst().map { if case .bytes(let bytes) = $0.content { bytes } else { [] } }
    }

    @Test func `the FS beside an FI is what is sent`() throws {
        let set = try SetSigning.beside.outgoing(declarations(signature: "theirs"))
        #expect(set.files.map { String($0.name.escaped.prefix(2)) } == ["FI", "FS"])
        #expect(signatures(set) == [Array("theirs".utf8)])
        #expect(
            try signatures(SetSigning.missing(signet.senderSigner).outgoing(declarations()))
                == signatures(set))
    }

    @Test func `a missing signature is made with the key, and nothing is written`() throws {
        let set = try SetSigning.missing(signet.senderSigner).outgoing(declarations())
        let made = try #require(signatures(set).first)
        #expect(SignatureVerifier.isSignature(made, over: Array("<Dimona/>".utf8), by: signet.sender))
        #expect(try scratch.names() == [TestSets.name("00001")])
    }

    @Test func `signing everything does not look at what lies beside`() throws {
        let set = try SetSigning.all(signet.senderSigner).outgoing(declarations(signature: "theirs"))
        let made = try #require(signatures(set).first)
        #expect(SignatureVerifier.isSignature(made, over: Array("<Dimona/>".utf8), by: signet.sender))
    }

    @Test func `a real set without signature and without key is not sent`() throws {
        #expect(throws: LocalFault.self) { try SetSigning.beside.outgoing(declarations()) }
        #expect(try signatures(SetSigning.beside.outgoing(declarations(environment: "T"))).isEmpty)
    }

    @Test func `nothing is signed in simulation`() throws {
        let set = try SetSigning.all(signet.senderSigner).outgoing(declarations(environment: "S"))
        #expect(signatures(set).isEmpty)
        #expect(set.mailbox == .incomingSimulation)
    }
}
