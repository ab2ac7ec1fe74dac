/// One instruction: a line, with those that continue it and the documents that follow it.
struct LogicalLine: Equatable {
    /// Where it begins.
    let number: Int
    /// The instruction in capitals.
    let keyword: String
    /// What follows, without the line breaks that were escaped.
    let rest: String
    /// The documents that `<<NAME` announced.
    var documents: [Instruction.Document] = []
}

/// The lines of a file put together: continuations joined, comments taken out, here-documents read.
struct LogicalLines {
    private(set) var all: [LogicalLine] = []
    private(set) var escape = UInt8(ascii: "\\")

    private let lines: [String]
    private var index = 0

    init(_ text: String) throws(ContainerfileError) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.hasSuffix("\r") ? line.dropLast() : line)
        }
        try takeDirectives()
        while index < lines.count {
            if let line = try next() { all.append(line) }
        }
    }

    /// `# escape=` and the like stand before everything else, each once.
    private mutating func takeDirectives() throws(ContainerfileError) {
        while index < lines.count {
            let line = lines[index].filter { $0 != " " && $0 != "\t" }
            guard line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { return }
            let name = line[line.index(after: line.startIndex)..<equals].lowercased()
            guard ["escape", "syntax", "check"].contains(name) else { return }
            if name == "escape" {
                let value = line[line.index(after: equals)...]
                guard value == "\\" || value == "`", let byte = value.utf8.first else {
                    throw ContainerfileError(line: index + 1, "escape is neither \\ nor `")
                }
                escape = byte
            }
            index += 1
        }
    }

    private mutating func next() throws(ContainerfileError) -> LogicalLine? {
        let start = index
        var text = ""
        var isContinued = false
        while index < lines.count {
            let line = lines[index]
            index += 1
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            // Comments and blank lines between continued lines are no part of them.
            if trimmed.isEmpty || trimmed.hasPrefix("#") {
                if isContinued { continue }
                return nil
            }
            var end = (isContinued ? Substring(line) : trimmed)
            while let last = end.last, last == " " || last == "\t" { end.removeLast() }
            isContinued = end.utf8.last == escape
            if !isContinued {
                text += isContinued ? "" : String(end)
                break
            }
            end.removeLast()
            text += end
        }
        return try finish(text, start + 1)
    }

    private mutating func finish(
        _ text: String,
        _ number: Int
    ) throws(ContainerfileError) -> LogicalLine {
        let keyword = text.prefix { $0 != " " && $0 != "\t" }
        var rest = text[keyword.endIndex...].drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        var line = LogicalLine(
            number: number,
            keyword: keyword.uppercased(),
            rest: String(rest)
        )
        if ["RUN", "COPY", "ADD"].contains(line.keyword) {
            for mark in HereDocument.marks(in: line.rest) {
                line.documents.append(try document(mark, number))
            }
        }
        return line
    }

    private mutating func document(
        _ mark: HereDocument,
        _ number: Int
    ) throws(ContainerfileError) -> Instruction.Document {
        var text = ""
        while index < lines.count {
            let line = lines[index]
            index += 1
            let content = mark.stripsTabs ? String(line.drop { $0 == "\t" }) : line
            if content == mark.name {
                return Instruction.Document(
                    name: mark.name,
                    text: text,
                    isLiteral: mark.isQuoted
                )
            }
            text += content + "\n"
        }
        throw ContainerfileError(line: number, "the document \"\(mark.name)\" doesn't end")
    }
}

/// What `<<NAME` says about the document that follows.
struct HereDocument: Equatable {
    let name: String
    let isQuoted: Bool
    let stripsTabs: Bool

    /// The marks of a line in their order, outside quotes.
    static func marks(in text: String) -> [HereDocument] {
        var marks: [HereDocument] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            let digits = word.prefix { $0.isNumber }
            guard word.dropFirst(digits.count).hasPrefix("<<"),
                let mark = HereDocument(String(word.dropFirst(digits.count + 2)))
            else { continue }
            marks.append(mark)
        }
        return marks
    }

    private init?(_ text: String) {
        stripsTabs = text.hasPrefix("-")
        var name = stripsTabs ? text.dropFirst() : Substring(text)
        let quote = name.first
        isQuoted = quote == "\"" || quote == "'"
        if isQuoted {
            guard name.count > 2, name.last == quote else { return nil }
            name = name.dropFirst().dropLast()
        }
        let isWord = name.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "_.-".utf8.contains(byte)
        }
        guard !name.isEmpty, isWord else { return nil }
        self.name = String(name)
    }
}
