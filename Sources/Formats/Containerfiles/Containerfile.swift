/// A Containerfile, also called Dockerfile: stages that each begin with an image and change it step by step.
package struct Containerfile: Sendable, Equatable {
    /// One stage.
    package struct Stage: Sendable, Equatable {
        /// Where it begins.
        package let line: Int
        /// What it begins with: an image, the name of an earlier stage, or `scratch`; variables are not replaced yet.
        package let base: String
        /// Its name, in lower case.
        package let name: String?
        /// What the image must run on, if it is said.
        package let platform: String?
        /// Its steps.
        package internal(set) var instructions: [Instruction] = []
    }

    /// The arguments that stand before the first stage.
    package private(set) var arguments: [Instruction.Argument] = []
    /// The stages, at least one.
    package private(set) var stages: [Stage] = []
    /// The character that joins lines and takes a special meaning away.
    package let escape: UInt8

    /// Longer files aren't read.
    package static let sizeLimit = 1 << 20

    /// Reads a file.
    package init(_ bytes: [UInt8]) throws(ContainerfileError) {
        guard bytes.count <= Self.sizeLimit else {
            throw ContainerfileError(line: 1, "the file is longer than \(Self.sizeLimit) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw ContainerfileError(line: 1, "the file is not text in UTF-8")
        }
        let lines = try LogicalLines(text)
        escape = lines.escape
        for line in lines.all { try take(line) }
        guard !stages.isEmpty else {
            throw ContainerfileError(line: 1, "there is no FROM")
        }
    }

    private mutating func take(_ line: LogicalLine) throws(ContainerfileError) {
        let keyword = line.keyword
        if keyword == "FROM" {
            stages.append(try Stage(line, escape))
            return
        }
        let instruction = try Instruction(line, escape: escape)
        if stages.isEmpty {
            guard case .arg(let added) = instruction.kind else {
                throw ContainerfileError(line: line.number, "\(keyword) before the first FROM")
            }
            arguments += added
            return
        }
        stages[stages.count - 1].instructions.append(instruction)
    }

    /// The index of a stage by its name or number, among those before another one.
    package func stage(_ reference: String, before index: Int) -> Int? {
        let wanted = reference.lowercased()
        if let found = stages[..<index].lastIndex(where: { $0.name == wanted }) { return found }
        guard let number = Int(reference), stages[..<index].indices.contains(number) else {
            return nil
        }
        return number
    }
}

extension Containerfile.Stage {
    init(_ line: LogicalLine, _ escape: UInt8) throws(ContainerfileError) {
        var flags = Flags(line)
        self.line = line.number
        platform = flags.take("platform")
        try flags.finish()
        let words = flags.rest.split { $0 == " " || $0 == "\t" }.map(String.init)
        switch words.count {
        case 1: name = nil
        case 3 where words[1].lowercased() == "as":
            let wanted = words[2].lowercased()
            let isName = wanted.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_.".utf8.contains(byte)
            }
            guard isName, let first = wanted.utf8.first, first >= UInt8(ascii: "a") else {
                throw ContainerfileError(line: line.number, "\"\(words[2])\" is no name of a stage")
            }
            name = wanted
        default:
            throw ContainerfileError(line: line.number, "FROM takes IMAGE or IMAGE AS NAME")
        }
        base = words[0]
    }
}
