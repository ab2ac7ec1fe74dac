internal import JSON
internal import Synchronization

/// How much of each layer has been received: what the half that downloads tells, as the half that unpacks sees it.
///
/// Whoever waits reads the link; a layer is unpacked after the other, so that is one thread at a time.
final class Arrivals: @unchecked Sendable {
    private let link: Link
    private let lock = Mutex(())
    private var lengths: [Int: UInt64] = [:]
    private var isOver = false

    init(_ link: Link) { self.link = link }

    /// Asks for layers.
    func want(_ layers: [Int]) {
        let numbers = layers.map { JSON.integer(Int64($0)) }
        try? link.send([.init("want", .array(numbers))])
    }

    /// Waits until more than `position` bytes of a layer are there; false if they won't come any more.
    func wait(for layer: Int, beyond position: UInt64) -> Bool {
        lock.withLock { _ in
            while lengths[layer].map({ $0 <= position }) ?? true {
                guard !isOver, let line = link.line() else {
                    isOver = true
                    return false
                }
                record(line)
            }
            return true
        }
    }

    /// Waits until the file of a layer is there.
    func waitForFile(of layer: Int) -> Bool {
        lock.withLock { _ in
            while lengths[layer] == nil {
                guard !isOver, let line = link.line() else {
                    isOver = true
                    return false
                }
                record(line)
            }
            return true
        }
    }

    private func record(_ line: JSON) {
        guard let layer = line["at"]?.integer.flatMap({ Int(exactly: $0) }),
            let length = line["length"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return }
        lengths[layer] = max(length, lengths[layer] ?? 0)
    }
}
