import Foundation
import TestSupport
import Testing

extension Functional {
    /// Layers on each other as one root, however the kernel wants to be told about them.
    @Suite struct Layers {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        /// Busybox and so many layers on it: each adds a file and writes `/top`; some take away.
        private func image(layers count: Int) throws -> String {
            var image = try OCIImage()
            for number in 1...count {
                var layer = TarArchive()
                layer.add("top", contents: Data("\(number)\n".utf8))
                layer.add("l/", .directory)
                layer.add("l/\(number)", contents: Data("\(number)\n".utf8))
                if number == 8 { layer.add("l/.wh.3") }
                if number == 5 { layer.add("l/.wh..wh..opq") }
                image.layers.append(layer)
            }
            let name = try image.write(in: rkt.scratch)
            try rkt.fetch(name)
            return name
        }

        private func shell(_ image: String, _ script: String) throws -> Outcome {
            try rkt("run", "--net=none", image, "--exec=/bin/sh", "--", "-c", script)
        }

        @Test func laterLayersWin() throws {
            let image = try image(layers: 60)
            let outcome = try shell(image, "cat /top; ls /l | wc -l; ls /l/3 /l/4; ls /l/5")
            #expect(outcome.lines == ["60", "56", "/l/5"], "\(outcome)")
            let writing = try shell(image, "echo new > /top && rm -r /l && mkdir /l && ls /l")
            #expect(writing.succeeded && writing.text.isEmpty, "\(writing)")
        }

        /// Such kernels take `lowerdir+` and refuse it only when the overlay is made, or when their page for options is
        /// full, which may also be at `upperdir`: stage1 then names all layers in one option, by their descriptors.
        @Test(.requiresOldOverlays, arguments: [1, 38, 60])
        func oldKernelsTakeTheLayersInOneOption(_ layers: Int) throws {
            let outcome = try shell(
                try image(layers: layers),
                "cat /top; grep -c ' / / .*lowerdir=/proc/self/fd/.*:/proc/self/fd/' /proc/self/mountinfo"
            )
            #expect(outcome.lines == ["\(layers)", "1"], "\(outcome)")
        }
    }
}
