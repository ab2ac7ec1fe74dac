internal import PodLifecycle

/// Rows of cells in columns that tabs align: programs may split them at tabs, people read them.
///
/// Control characters in a cell are escaped, so no name from an image can break a row.
package struct Table {
    private static let tab = 8
    private var rows: [[String]] = []

    /// A table without rows.
    package init() {}

    /// Adds a row; all rows must have the same number of cells.
    package mutating func append(_ cells: [String]) { rows.append(cells.map { printable($0) }) }

    /// The rows, each ended by a newline.
    package var text: String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.unicodeScalars.count)
            }
        }
        var result = ""
        for row in rows {
            for (column, cell) in row.enumerated() {
                result += cell
                if column == row.count - 1 { break }
                // At least one tab, up to the first stop behind the widest cell.
                let stop = widths[column] / Self.tab + 1
                let tabs = stop - cell.unicodeScalars.count / Self.tab
                result += String(repeating: "\t", count: tabs)
            }
            result += "\n"
        }
        return result
    }
}
