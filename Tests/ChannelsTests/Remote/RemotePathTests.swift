import Testing

@testable import Channels

@Suite struct RemotePathTests {
    @Test func `shown to people, a path has nothing that acts on a terminal or on the order of letters`()
        throws
    {
        let path = try #require(RemotePath("006400/IN/a\u{7F}b\u{9B}31m\u{202E}c\u{1B}d\\e"))
        #expect(
            path.description
                == #"006400/IN/a\x7fb\xc2\x9b31m\xe2\x80\xaec\x1bd\x5ce"#)
    }
}
