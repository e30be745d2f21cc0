#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <stdlib.h>
#include <sys/utsname.h>

namespace bench {

/// One value of a table.
struct Cell {
    std::string text;
    /// Whether it is a number, so that machines may read it as one.
    bool is_number = false;

    Cell(std::string_view word) : text{word} {}
    Cell(const char* word) : text{word} {}
    Cell(double number, int decimals) : is_number{true} {
        std::ostringstream out;
        out << std::fixed << std::setprecision(decimals) << number;
        text = std::move(out).str();
        // What is rounded to nothing has no sign.
        if (text.starts_with('-') && text.find_first_not_of("-0.") == text.npos) text.erase(0, 1);
    }
    Cell(std::size_t number) : text{std::to_string(number)}, is_number{true} {}
};

/// On what machine, and when, a benchmark runs: pairs of name and value.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> circumstances() {
    utsname system{};
    ::uname(&system);
    double load[3] = {};
    ::getloadavg(load, 3);
    std::string processor = "unknown processor";
    std::ifstream facts{"/proc/cpuinfo"};
    for (std::string line; std::getline(facts, line);) {
        if (line.starts_with("model name")) processor = line.substr(line.find(':') + 2);
    }
    std::ostringstream date;
    const std::time_t now = std::time(nullptr);
    date << std::put_time(std::gmtime(&now), "%FT%TZ");
#if defined(__OPTIMIZE__)
    const std::string built = "optimised, ";
#else
    const std::string built = "NOT optimised, ";
#endif
    return {{"date", date.str()},
            {"processor", processor},
            {"processors", std::to_string(std::thread::hardware_concurrency())},
            {"kernel", std::string{system.sysname} + ' ' + system.release},
            {"compiler", built + __VERSION__},
            {"load", Cell{load[0], 2}.text}};
}

/// The results of a benchmark: each row is printed when it is there, all of them are kept.
class Table {
public:
    struct Column {
        std::string_view heading;
        int width;
    };

    Table(std::string name, std::vector<Column> columns)
        : name_{std::move(name)}, columns_{std::move(columns)} {
        for (const auto& [fact, value] : circumstances())
            std::cout << fact << ": " << value << '\n';
        std::cout << '\n';
        for (const Column& column : columns_)
            print(column, std::string{column.heading}, false);
        std::cout << std::endl;
    }

    /// Adds a row with as many cells as there are columns.
    void add(std::vector<Cell> row) {
        for (std::size_t i = 0; i != columns_.size(); ++i) {
            print(columns_[i], row.at(i).text, row[i].is_number);
        }
        std::cout << std::endl;
        rows_.push_back(std::move(row));
    }

    /// Writes everything to a file, as JSON.
    void write_json(const std::string& path) const {
        std::ofstream out{path};
        out << "{\"benchmark\": " << quoted(name_);
        for (const auto& [fact, value] : circumstances()) {
            out << ",\n " << quoted(fact) << ": " << quoted(value);
        }
        out << ",\n \"rows\": [";
        const char* separator = "";
        for (const auto& row : rows_) {
            out << std::exchange(separator, ",") << "\n  {";
            for (std::size_t i = 0; i != columns_.size(); ++i) {
                out << (i == 0 ? "" : ", ") << quoted(columns_[i].heading) << ": "
                    << (row[i].is_number ? row[i].text : quoted(row[i].text));
            }
            out << '}';
        }
        out << "]}\n";
        if (!out.flush()) throw std::runtime_error{"cannot write " + path};
    }

private:
    static void print(const Column& column, const std::string& text, bool is_number) {
        const auto width = std::max(column.width, static_cast<int>(column.heading.size()));
        std::cout << std::setw(width) << (is_number ? std::right : std::left) << text << "  ";
    }

    static std::string quoted(std::string_view text) {
        std::ostringstream out;
        out << std::quoted(text);
        return std::move(out).str();
    }

    std::string name_;
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace bench
