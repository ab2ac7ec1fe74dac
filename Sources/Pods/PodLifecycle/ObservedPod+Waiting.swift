internal import Linux

extension ObservedPod {
    /// Waits until nobody holds the pod's lock any more.
    ///
    /// - Returns: whether that was in time.
    package func waitUntilUnlocked(_ deadline: Deadline = .never) throws(PodError) -> Bool {
        while try isLocked() {
            if deadline.isPast { return false }
            do throws(Errno) {
                if let supervisor = try? supervisor() {
                    _ = try supervisor.waitForExit(milliseconds: deadline.remaining())
                }
                // The kernel drops the lock a moment after the process has ended; before there is a supervisor
                // nothing tells its coming.
                pause(milliseconds: Int64(deadline.remaining(atMost: 10)))
            } catch {
                throw .open(uuid, error)
            }
        }
        return true
    }
}

extension PodsDirectory {
    /// Waits until nothing will ever run in a pod again.
    ///
    /// - Returns: whether that was in time.
    package func waitUntilFinished(_ uuid: PodUUID, _ deadline: Deadline) throws(PodError) -> Bool {
        while true {
            let pod = try observe(uuid)
            if try pod.state().isFinished { return true }
            if deadline.isPast { return false }
            switch pod.phase {
            case .prepare, .run: _ = try pod.waitUntilUnlocked(deadline)
            case .embryo, .prepared, .exitedGarbage, .garbage: try pod.waitForMove(deadline)
            }
        }
    }

    /// Waits until all apps of a pod have been started.
    ///
    /// - Returns: whether that was in time; a pod that ends before it is ready never is.
    package func waitUntilReady(_ uuid: PodUUID, _ deadline: Deadline) throws(PodError) -> Bool {
        while true {
            let pod = try observe(uuid)
            if pod.isReady { return true }
            let isOver = try pod.state().isFinished
            if isOver || deadline.isPast { return false }
            try pod.waitForReadiness(deadline)
        }
    }
}

extension ObservedPod {
    /// Whether all apps of the pod have been started, as the supervisor says.
    package var isReady: Bool { phase == .run && directory.contains(PodFile.ready) }

    /// A move that happens before the watch is set is caught by the limit.
    func waitForMove(_ deadline: Deadline) throws(PodError) {
        try watch(directory.descriptor, .moved, deadline, atMost: 500)
    }

    func waitForReadiness(_ deadline: Deadline) throws(PodError) {
        guard phase == .run, let place = try? directory.open(PodFile.supervisorPlace, .directory)
        else {
            return try watch(directory.descriptor, [.moved, .appeared], deadline, atMost: 20)
        }
        try watch(place, .appeared, deadline, atMost: 100)
    }

    private func watch(
        _ file: borrowing Descriptor,
        _ events: Watch.Events,
        _ deadline: Deadline,
        atMost limit: Int32
    ) throws(PodError) {
        do throws(Errno) {
            let watch = try Watch()
            try watch.add(file, events)
            _ = try watch.wait(milliseconds: deadline.remaining(atMost: limit))
        } catch {
            throw .open(uuid, error)
        }
    }
}
