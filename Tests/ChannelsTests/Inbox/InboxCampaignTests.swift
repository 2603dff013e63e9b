import Testing

@Suite struct InboxCampaignTests {
    @Test(arguments: 0..<25)
    func `whatever fails, every set is taken once and every answer carried out once`(_ seed: UInt64) throws {
        let campaign = try InboxCampaign(seed: seed, dies: false)
        campaign.run(steps: 120)
        campaign.audit()
    }

    @Test(arguments: 0..<25)
    func `whenever the process ends, every set is taken once and no answer is lost`(_ seed: UInt64) throws {
        let campaign = try InboxCampaign(seed: 1000 + seed, dies: true)
        campaign.run(steps: 120)
        campaign.audit()
    }
}
