import Compression
import Testing

@Suite struct BufferRingTests {
    @Test func everyConsumerSeesEveryByteInOrder() throws {
        let ring = try BufferRing(slots: 3, slotSize: 4096, consumers: 3)
        let sums = try (0..<3).map { consumer in
            try StageBox {
                var next: UInt8 = 0
                var seen = 0
                while ring.consume(
                    as: consumer,
                    { bytes in
                        for index in bytes.indices {
                            #expect(bytes[index] == next)
                            next &+= 1
                        }
                        seen += bytes.count
                    }
                ) {}
                return seen
            }
        }
        var next: UInt8 = 0
        for size in 1...500 {
            let goesOn = ring.produce { buffer in
                for index in 0..<size {
                    buffer[index] = next
                    next &+= 1
                }
                return size
            }
            #expect(goesOn)
        }
        ring.close()
        for sum in sums { #expect(sum.join() == 125_250) }
    }

    @Test func cancellingEndsAProducerThatWaits() throws {
        let ring = try BufferRing(slots: 2, slotSize: 4096, consumers: 1)
        let producer = try StageBox {
            var sent = 0
            while ring.produce({ _ in 1 }) { sent += 1 }
            return sent
        }
        _ = ring.consume(as: 0) { _ in }
        ring.cancel()
        #expect(producer.join() <= 3)
        #expect(ring.isCancelled)
        #expect(!ring.consume(as: 0) { _ in })
    }
}

/// Lets stages be kept in arrays, which `~Copyable` values can't be.
private final class StageBox {
    private var stage: Stage<Int, Never>?

    init(_ work: @escaping @Sendable () -> Int) throws { stage = try Stage(work) }

    func join() -> Int { stage.take()?.join() ?? -1 }
}
