import Exchange
import Foundation
import Testing

@Suite struct SteadySemaphoreTests {
    @Test func `each signal lets one go on, whether it waits already or not`() {
        let semaphore = SteadySemaphore()
        semaphore.signal()
        semaphore.signal()
        #expect(semaphore.wait(atMost: 0) == true)
        #expect(semaphore.wait(atMost: 0) == true)
        #expect(semaphore.wait(atMost: 0.01) == false)
        Thread.detachNewThread { semaphore.signal() }
        #expect(semaphore.wait(atMost: 3600) == true)
        #expect(semaphore.wait(atMost: 0.01) == false)
    }
}
