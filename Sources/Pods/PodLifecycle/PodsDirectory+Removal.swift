extension PodsDirectory {
    /// Takes a pod that is over, or was never started, and marks it for removal, whatever phase it is in.
    package func markForRemoval(_ uuid: PodUUID) throws(PodError) -> GarbagePod {
        let pod = try observe(uuid)
        let location = PodLocation(uuid: uuid, phase: pod.phase)
        switch pod.phase {
        case .run:
            if let exited = try claimExited(uuid) { return try exited.garbage() }
        case .prepare:
            if let aborted = try markAborted(uuid) { return aborted }
        case .prepared: return try claimPrepared(uuid).garbage()
        case .exitedGarbage, .garbage:
            if let garbage = try claimGarbage(location) { return garbage }
        case .embryo: break
        }
        throw .wrongState(uuid, try observe(uuid).state(), needed: "exited")
    }
}
