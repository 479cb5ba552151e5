# sikua: `make demo` and `make test` are all one needs. Everything is installed into .venv; the machine is left alone.
# Options go through ARGS, e.g.  make demo ARGS="--once --json"   make test ARGS="tests/unit/rules -k uscc"

MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
# Byte code is written once, where an environment forbids it too: else every process compiles all it imports, which takes
# a service three times as long to start.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1
.PHONY: help demo up test check format bench lock install install-run clean docs

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
STAMPS := $(VENV)/stamps

LIBRARIES := libs/contracts libs/rules libs/chassis libs/bridge libs/simulators
SERVICES  := services/registry services/tax-bridge services/reform-bridge services/finance-bridge \
             services/scheduler services/notifier services/command-office
WORKSPACE := $(LIBRARIES) $(SERVICES) cli
SOURCES   := $(addsuffix /src,$(WORKSPACE))
# Tests and tools are held to what they call and override of ours, not to what they know better of a value than its type.
LENIENT   := arg-type union-attr operator var-annotated index assignment misc type-arg no-any-return comparison-overlap \
             str-bytes-safe no-untyped-call method-assign call-overload import-untyped untyped-decorator
EDITABLE  := $(addprefix -e ,$(WORKSPACE))
# A Java runtime, and what fetches Kafka: 110 MB that only the distributed form needs.
WITH_KAFKA := $(if $(findstring --distributed,$(ARGS)),$(STAMPS)/distributed)
PROJECTS  := $(addsuffix /pyproject.toml,$(WORKSPACE))

help: ## show this list · 列出命令
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install-run $(WITH_KAFKA) ## play 26 weeks on 256 real projects, then stay up · 在256个真实项目上演示26周
	@$(BIN)/sikua demo $(ARGS)

up: install-run $(WITH_KAFKA) ## start everything on this machine, empty · 在本机启动全部服务
	@$(BIN)/sikua up $(ARGS)

# --- installing -------------------------------------------------------------------------------------------------------

install-run: $(STAMPS)/run ## install what running needs · 安装运行所需
install: $(STAMPS)/all ## install everything, with the tools for developing · 安装全部(含开发工具)

$(STAMPS)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "需要 Python 3.11 或更新版本,可用 make PYTHON=/路径/python3.11 指定 · Python 3.11 or newer is needed; point to it with make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "正在准备 $(VENV) … · preparing $(VENV) …" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) >&2 || { \
	  echo "无法创建虚拟环境(Debian/Ubuntu 请安装 python3-venv)· could not make a virtual environment (on Debian and Ubuntu install python3-venv)" >&2; exit 1; }
	@mkdir -p $(STAMPS)
	@awk '/^uv==/ {ours = 1} ours {print} ours && !/\\$$/ {exit}' requirements-run.lock > $(STAMPS)/uv.txt
	@test -x $(UV) || $(BIN)/python -m ensurepip >/dev/null 2>&1 || true
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(STAMPS)/uv.txt >&2
	@touch $@

$(STAMPS)/run: requirements-run.lock $(PROJECTS) | $(STAMPS)/uv
	@echo "正在安装运行所需 … · installing what running needs …" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-run.lock >&2
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(EDITABLE) >&2
	@touch $@

$(STAMPS)/distributed: requirements-distributed.lock $(STAMPS)/run
	@echo "正在安装分布式方式所需 … · installing what the distributed form needs …" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-distributed.lock >&2
	@touch $@

$(STAMPS)/all: requirements.lock $(STAMPS)/run
	@echo "正在安装开发工具 … · installing the tools for developing …" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock >&2
	@touch $@

$(STAMPS)/bench: requirements-bench.lock $(STAMPS)/all
	@echo "正在安装性能对比的对手 … · installing what the benchmark measures against …" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.lock >&2
	@touch $@

lock: install-run ## write the lock files anew from the pyproject files · 重新生成锁定文件
	@$(UV) lock --quiet $(ARGS)
	@$(UV) export --quiet --all-packages --all-groups --no-group bench --no-emit-workspace --no-header -o requirements.lock >/dev/null
	@$(UV) export --quiet --all-packages --no-default-groups --no-emit-workspace --no-header -o requirements-run.lock >/dev/null
	@$(UV) export --quiet --only-group distributed --no-emit-workspace --no-header -o requirements-distributed.lock >/dev/null
	@$(UV) export --quiet --only-group bench --no-emit-workspace --no-header -o requirements-bench.lock >/dev/null
	@! grep -nE '://|--index|--find-links' requirements*.lock || { echo "a lock file carries an address" >&2; exit 1; }

clean: ## remove what was installed and what ran (.venv, .sikua) · 清除安装与运行数据
	@rm -rf $(VENV) .sikua .stamps .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- checking ---------------------------------------------------------------------------------------------------------

PYTEST := $(BIN)/pytest
rung = $(wildcard $(addprefix tests/,$(1)))

test: install ## run all tests, or a part: ARGS="tests/unit/rules" · 运行测试
ifneq ($(strip $(ARGS)),)
	@$(PYTEST) $(ARGS)
else
# One run, so that all is read once and nobody waits between parts. Three on two cores: a tenth of the time each waits for
# what is killed, frozen or late. Which files begin is in tests/conftest.py.
	@$(PYTEST) -q -n 3 --dist loadfile --no-loadscope-reorder tests
endif

check: install ## style, types, borders between packages, generated files up to date · 静态检查
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)
	@MYPYPATH=tests:. $(BIN)/mypy --implicit-reexport $(addprefix --disable-error-code=,$(LENIENT)) tests tools
	@$(BIN)/lint-imports
	@$(BIN)/python tools/dependencies.py
	@$(BIN)/python -m sikua_contracts.export --check
	@$(BIN)/python -m tools.event_flow --check
	@$(BIN)/python tools/decisions.py --check
	@$(BIN)/python tools/new_schemas.py --check
	@$(PYTEST) -q $(call rung,architecture)

docs: install ## draw docs/event-flow.md, list docs/decisions, write newest.sql · 重绘事件流转图,重列决定,重写建库脚本
	@$(BIN)/python -m tools.event_flow
	@$(BIN)/python tools/decisions.py
	@$(BIN)/python tools/new_schemas.py

format: install ## put the code into its form · 格式化代码
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(STAMPS)/bench ## measure against the straightforward alternatives, into bench/results · 性能对比
	@$(BIN)/python -m bench $(ARGS)
