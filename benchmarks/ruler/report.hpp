#pragma once

#include "../table.hpp"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// What one run has found: names and values, in the order in which they are to be read.
class Report {
public:
    void add(std::string_view name, Cell value) { facts_.emplace_back(name, std::move(value)); }

    /// For people: a line for each fact.
    void print(std::ostream& out) const {
        std::size_t width = 0;
        for (const auto& [name, value] : facts_)
            width = std::max(width, name.size());
        for (const auto& [name, value] : facts_) {
            out << std::left << std::setw(static_cast<int>(width)) << name << "  " << value.text
                << '\n';
        }
        out << std::flush;
    }

    /// For programs: one JSON object, in one line.
    [[nodiscard]] std::string json() const {
        std::ostringstream out;
        const char* separator = "{";
        for (const auto& [name, value] : facts_) {
            out << std::exchange(separator, ", ") << std::quoted(name) << ": ";
            value.is_number ? out << value.text : out << std::quoted(value.text);
        }
        out << '}';
        return std::move(out).str();
    }

    /// Adds the line to a file.
    void append_json(const std::string& path) const {
        std::ofstream out{path, std::ios::app};
        out << json() << '\n';
        if (!out.flush()) throw std::runtime_error{"cannot write " + path};
    }

private:
    std::vector<std::pair<std::string, Cell>> facts_;
};

}  // namespace bench
