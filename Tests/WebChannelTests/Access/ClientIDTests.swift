import Exchange
import Testing

@testable import WebChannel

@Suite struct ClientIDTests {
    @Test(arguments: [
        "ecluse_006400", "ecluse_006400_x7", "self_service_chaman_006400_Ab12", "ecluse_006400_123456",
    ])
    func `the sender number is found inside`(text: String) {
        #expect(ClientID(text)?.sender.description == "006400")
    }

    @Test(arguments: [
        "", "006400", "_006400", "ecluse006400", "ecluse_06400", "ecluse_0064001", "Ecluse_006400",
        "ecluse_006400_",
        "ecluse_006400_a_b", "ecluse_006400_a-b", "ecluse_999999", "ecluse_000000", "ecluse_006400\n",
        "ecluse_٠٠٦٤٠٠", "ecluse_006400_" + String(repeating: "x", count: 100),
    ])
    func `anything else is no client id`(text: String) {
        #expect(ClientID(text) == nil)
    }
}
