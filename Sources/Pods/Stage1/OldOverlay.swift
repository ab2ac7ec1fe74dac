internal import CFreestanding

/// An overlay on kernels before 6.5, whose new mount interface takes no long list of layers.
///
/// Layers are named by their descriptors: short, and free of the characters that `mount(2)` gives a meaning.
struct OldOverlay {
    let lowers: TextList
    let upper: Text
    let work: Text

    func mount(on target: Text, _ attributes: UInt64) throws(Failure) -> Root {
        // Opaque directories are marked by user.overlay.opaque, which takes no capability to write.
        var options: Text = "userxattr,lowerdir="
        for index in 0..<lowers.count {
            options = Text(joining: options, index == 0 ? "" : ":", try name(lowers[index]))
        }
        if !upper.isEmpty {
            options = Text(
                joining: options,
                ",upperdir=",
                try name(upper),
                ",workdir=",
                try name(work)
            )
        }
        guard options.count < 4096 else {
            throw Failure(step: "too many layers for this kernel", subject: "", error: 7)
        }
        try check(
            unsafe k_mount("overlay", target.pointer, "overlay", 0, options.pointer),
            "cannot mount",
            "overlay"
        )
        let root = try openHandle(target)
        try Mount(descriptor: root).add(attributes)
        return Root(directory: root)
    }

    private func name(_ path: Text) throws(Failure) -> Text {
        let opened = try openHandle(path)
        return Text(joining: "/proc/self/fd/", Text(Int(opened)))
    }
}
